"""The same nonsense for every operation that Clerk describes: none of it gets a 5xx."""

import json
from typing import Any

import httpx
import pytest
from judging.descriptions import MISSING
from judging.exchanges import Judge, judge_of
from judging.operations import Operation
from nonsense import BODIES, IDENTIFIERS, JSON, QUERIES, VALUES
from walking.stock import stocked


@pytest.fixture(scope="module")
def judge() -> Judge:
    found = judge_of()
    if found is None:
        pytest.skip(MISSING)
    return found


@pytest.fixture
def stock(bapi: httpx.Client) -> dict[str, str]:
    return stocked(bapi)


def _path(operation: Operation, stock: dict[str, str]) -> str:
    path = operation.path
    for name in operation.variables:
        path = path.replace(f"{{{name}}}", stock.get(name) or "nothing")
    return path


def _deletes_last(judge: Judge) -> list[Operation]:
    return sorted(judge.operations, key=lambda operation: operation.method == "DELETE")


def test_bodies_that_make_no_sense(bapi: httpx.Client, judge: Judge, stock: dict[str, str]) -> None:
    for operation in _deletes_last(judge):
        path = _path(operation, stock)
        for content_type, body in BODIES if operation.body else BODIES[:3]:
            headers = {"content-type": content_type.encode("latin-1")}
            answer = bapi.request(operation.method, path, content=body, headers=headers)
            assert answer.status_code < 500 or answer.status_code == 501, (operation, body)


@pytest.mark.parametrize("kind", VALUES)
def test_values_that_make_no_sense(
    bapi: httpx.Client, judge: Judge, stock: dict[str, str], kind: str
) -> None:
    for operation in _deletes_last(judge):
        schema = operation.body.get(JSON, {})
        described = schema.get("items", schema).get("properties", {})
        names = [name for name in described if _kind(described[name]) == kind]
        path = _path(operation, stock)
        for value in VALUES[kind] if names else ():
            for part in [{name: value} for name in names] + [dict.fromkeys(names, value)]:
                _ask(bapi, operation, path, [part] if schema.get("type") == "array" else part)


def _kind(schema: dict[str, Any]) -> str:
    kind: str = schema.get("type", "object")
    return "number" if kind == "integer" else kind


def _ask(bapi: httpx.Client, operation: Operation, path: str, body: Any) -> None:
    answer = bapi.request(operation.method, path, content=json.dumps(body))
    assert answer.status_code < 500 or answer.status_code == 501, (operation.id, body, answer.text)


def test_queries_that_make_no_sense(
    bapi: httpx.Client, judge: Judge, stock: dict[str, str]
) -> None:
    for operation in judge.operations:
        path = _path(operation, stock)
        for name in operation.query if operation.method == "GET" else ():
            for query in QUERIES:
                answer = bapi.get(f"{path}?{query.replace('{}', name)}")
                assert answer.status_code < 500 or answer.status_code == 501, (path, name, query)


def test_identifiers_that_make_no_sense(bapi: httpx.Client, judge: Judge) -> None:
    for operation in judge.operations:
        for identifier in IDENTIFIERS if operation.variables else ():
            path = operation.path
            for name in operation.variables:
                path = path.replace(f"{{{name}}}", identifier)
            answer = bapi.request(operation.method, path)
            assert answer.status_code < 500 or answer.status_code == 501, (operation.id, path)
