"""The same nonsense for every operation of Svix' API: none of it gets a 5xx."""

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from nonsense import BODIES, IDENTIFIERS, QUERIES, VALUES

from clerk_fake.svix_api.routes import PORTAL_ROUTES, ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import InstanceInfo, ServerInfo

pytestmark = pytest.mark.unjudged("nonsense is not Clerk's")

SENSE: dict[str, Any] = {
    "url": "http://127.0.0.1:9/hooks",
    "eventType": "user.created",
    "payload": {},
    "name": "Ours",
    "since": "2999-01-01T00:00:00Z",
    "until": "2999-01-02T00:00:00Z",
    "headers": {},
}
"""What any operation needs, and none minds."""

NAMES = (
    *SENSE,
    "uid", "metadata", "throttleRate", "rateLimit", "description", "disabled", "eventTypes",
    "filterTypes", "channels", "secret", "key", "gracePeriodSeconds", "deleteHeaders",
    "eventId", "tags", "deliverAt", "application", "transformationsParams",
    "payloadRetentionPeriod", "payloadRetentionHours", "channel", "tag", "status",
    "statusCodeClass", "exampleIndex", "ids", "expiry", "sessionId", "sessionIds",
    "capabilities", "readOnly", "featureFlags", "code", "enabled", "variables", "version",
)  # fmt: skip
PARAMETERS = (
    "limit", "iterator", "order", "before", "after", "since", "until", "channel", "tag",
    "status", "status_code_class", "event_types", "with_content", "with_msg",
    "expanded_statuses", "endpoint_id", "include_archived", "task",
    "exclude_apps_with_no_endpoints", "exclude_apps_with_disabled_endpoints",
    "get_if_exists",
)  # fmt: skip
OPERATIONS = sorted(
    {(route.method, route.path) for route in (*ROUTES, *PORTAL_ROUTES)},
    key=lambda operation: (operation[0] == "DELETE", operation),
)
EVERY_VALUE = [None, *(value for values in VALUES.values() for value in values)]
STRIDE = 8
"""Each operation gets every so many of the values for a name, another one its neighbours."""


@pytest.fixture
def asker(server: "ServerInfo", instance: "InstanceInfo") -> "Iterator[httpx.Client]":
    headers = {"authorization": f"Bearer {instance.secret_key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def stock(asker: httpx.Client, instance: "InstanceInfo", control: httpx.Client) -> dict[str, str]:
    """One of everything, by the name of the variable that stands for it."""
    control.put("/clock", json={"frozen": True})  # so that nothing is retried meanwhile
    app = instance.instance_id
    endpoint = asker.post(f"/api/v1/app/{app}/endpoint", json=SENSE).json()["id"]
    message = asker.post(f"/api/v1/app/{app}/msg", json=SENSE).json()["id"]
    return {
        "app_id": app,
        "endpoint_id": endpoint,
        "msg_id": message,
        "attempt_id": "atmpt_1",
        "event_type_name": "user.created",
        "task_id": "qtask_1",
    }


def _filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def check(answer: httpx.Response, asked: object) -> None:
    """An answer is a success, or a refusal in one of Svix' two envelopes."""
    assert answer.status_code < 500, (asked, answer.text)
    if answer.status_code < 400:
        assert answer.content == b"" or answer.json() is not None
        return
    told = answer.json()
    if answer.status_code == 422:
        assert set(told) == {"detail"}, (asked, told)
        assert told["detail"], asked
        for problem in told["detail"]:
            assert set(problem) == {"loc", "msg", "type"}
            assert all(isinstance(part, str) for part in problem["loc"])
    else:
        assert set(told) == {"code", "detail"}, (asked, told)
        assert told["code"], asked


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_bodies_that_make_no_sense(
    asker: httpx.Client, stock: dict[str, str], method: str, path: str
) -> None:
    for content_type, body in BODIES if method in {"POST", "PUT", "PATCH"} else BODIES[:3]:
        headers = {"content-type": content_type.encode("latin-1")}
        answer = asker.request(method, _filled(path, stock), content=body, headers=headers)
        check(answer, (method, path, body))


@pytest.mark.parametrize(
    ("method", "path"), [each for each in OPERATIONS if each[0] in {"POST", "PUT", "PATCH"}]
)
def test_values_that_make_no_sense(
    asker: httpx.Client, stock: dict[str, str], method: str, path: str
) -> None:
    first = OPERATIONS.index((method, path))
    for place, name in enumerate(NAMES, first):
        for value in EVERY_VALUE[place % STRIDE :: STRIDE]:
            content = json.dumps(SENSE | {name: value})
            answer = asker.request(method, _filled(path, stock), content=content)
            check(answer, (method, path, name, value))


@pytest.mark.parametrize("path", [path for method, path in OPERATIONS if method == "GET"])
def test_queries_that_make_no_sense(asker: httpx.Client, stock: dict[str, str], path: str) -> None:
    for place, name in enumerate(PARAMETERS, OPERATIONS.index(("GET", path))):
        for query in QUERIES[place % 4 :: 4]:
            answer = asker.get(f"{_filled(path, stock)}?{query.replace('{}', name)}")
            check(answer, (path, name, query))


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_identifiers_that_make_no_sense(
    asker: httpx.Client, stock: dict[str, str], method: str, path: str
) -> None:
    variables = [name for name in stock if f"{{{name}}}" in path]
    for variable in variables:
        for identifier in IDENTIFIERS:
            asked = _filled(path, stock | {variable: identifier})
            check(asker.request(method, asked), (method, path, identifier))


@pytest.mark.parametrize("key", ["", "x" * 300, "\xff", "a:b\tc", "ü", "0"])
def test_idempotency_keys_that_make_no_sense(
    asker: httpx.Client, stock: dict[str, str], key: str
) -> None:
    path = f"/api/v1/app/{stock['app_id']}/msg"
    for _ in range(2):
        headers = {"idempotency-key": key.encode("latin-1")}
        check(asker.post(path, json=SENSE, headers=headers), key)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x y", "Basic eDp5", "Bearer appsk_", "Bearer appsk_x_ins_1", "\xff"],
)
def test_tokens_that_make_no_sense(server: "ServerInfo", header: str) -> None:
    headers = {"authorization": header.encode("latin-1")}
    for method, path in OPERATIONS:
        answer = httpx.request(method, f"{server.url}{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed"), path
