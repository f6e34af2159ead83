"""What every operation must refuse: strangers, ids that are nobody's, bodies that do not fit."""

import re
from typing import Any

import httpx
import pytest
from judging.operations import Operation, Operations
from walking.callers import not_offered, path_of
from walking.examples import smallest
from walking.stock import stocked

PUBLIC = {"GetPublicInterstitial"}
"""Asked for by browsers, which have no key."""

NOBODYS: dict[str, set[int]] = {
    "GetPublicInterstitial": {400},
    "RefreshSession": {401},  # which sends the SDKs to do a handshake
}
"""What is answered to an id that is nobody's, where that is not 404."""

CHOICES = {"template_type": "email"}
"""Variable parts of paths that are no ids, with one that there is."""

PROXIED = {"API Keys", "M2M Tokens", "OAuth Access Tokens", "Admin Portal Link Tokens"}
"""Answered by services behind Clerk's API, which say 400 where it says 422, and to an id that could
not be one of theirs."""

OF_FRONT_ENDS = {"Sign Ups"}
"""Only a front end makes one, so there is none in stock."""

MACHINES_ONLY = {"createM2MToken"}
"""Refused to the instance itself, whatever it sends."""


def _offered(operations: Operations) -> list[Operation]:
    missing = {operation.id for operation in not_offered(operations)}
    return [operation for operation in operations if operation.id not in missing]


def _is_json(operation: Operation) -> bool:
    return "application/json" in operation.body


def _path(operation: Operation, stock: dict[str, str] | None = None) -> str:
    known = {} if operation.tag in OF_FRONT_ENDS else stock or {}
    if operation.tag == "Domains":  # its domain_id is no organization's
        known = {"domain_id": known.get("satellite_id", "nobody_1")}
    ids = [known.get(name, "nobody_1") for name in operation.variables]
    return path_of(operation, tuple(ids))


def _body(operation: Operation) -> dict[str, Any]:
    schema = operation.body.get("application/json")
    return {} if schema is None else {"json": smallest(schema)}


@pytest.mark.parametrize("authorization", [None, "Bearer sk_test_wrong"])
def test_strangers_are_refused_everywhere(
    http: httpx.Client, operations: Operations, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answers = {
        operation.id: http.request(
            operation.method, f"/v1{_path(operation)}", headers=headers, **_body(operation)
        )
        for operation in _offered(operations)
        if operation.id not in PUBLIC
    }

    codes = {
        operation_id: (answer.status_code, answer.json()["errors"][0]["code"])
        for operation_id, answer in answers.items()
    }
    refused = (401, "authentication_invalid")
    assert {each: code for each, code in codes.items() if code != refused} == {}


def test_an_id_that_is_nobodys_is_not_found(bapi: httpx.Client, operations: Operations) -> None:
    wrong = {}
    for operation in _offered(operations):
        if set(operation.variables) - set(CHOICES):
            path = _path(operation, CHOICES)
            answer = bapi.request(operation.method, path, **_body(operation))
            usual = {400, 404} if operation.tag in PROXIED else {404}
            if answer.status_code not in NOBODYS.get(operation.id, usual):
                wrong[operation.id] = (answer.status_code, answer.text[:160])

    assert wrong == {}


def test_a_parameter_that_is_not_described_is_refused(
    bapi: httpx.Client, operations: Operations
) -> None:
    stock = stocked(bapi)
    wrong = {}
    for operation in _offered(operations):
        if _is_json(operation) and operation.id not in MACHINES_ONLY:
            body = smallest(operation.body["application/json"])
            strange = {**(body[0] if isinstance(body, list) else body), "shoe_size": 43}
            answer = bapi.request(
                operation.method,
                _path(operation, stock),
                json=[strange] if isinstance(body, list) else strange,
            )
            code = answer.json()["errors"][0]["code"] if answer.status_code >= 400 else None
            known = operation.tag in PROXIED and answer.status_code == 400
            elsewhere = answer.status_code == 404 and "nobody_1" in _path(operation, stock)
            if code != "form_param_unknown" and not known and not elsewhere:
                wrong[operation.id] = (answer.status_code, answer.text[:160])

    assert wrong == {}


def test_a_required_parameter_that_is_missing_is_asked_for(
    bapi: httpx.Client, operations: Operations
) -> None:
    stock = stocked(bapi)
    wrong = {}
    for operation in _offered(operations):
        schema = operation.body.get("application/json", {})
        for name in schema.get("required", ()):
            body = {key: value for key, value in smallest(schema).items() if key != name}
            answer = bapi.request(operation.method, _path(operation, stock), json=body)
            statuses = {400, 422} if operation.tag in PROXIED else {422}
            if re.search("nobody_1", _path(operation, stock)):
                statuses.add(404)
            if answer.status_code not in statuses:
                wrong[f"{operation.id} {name}"] = (answer.status_code, answer.text[:160])

    assert wrong == {}
