"""The same nonsense for every operation that Clerk describes: none of it gets a 5xx."""

import json
from typing import Any

import httpx
import pytest
from judging.descriptions import MISSING
from judging.exchanges import Judge, judge_of
from judging.operations import Operation
from walking.stock import stocked

JSON = "application/json"
DEEP = 500
BODIES: list[tuple[str, bytes]] = [
    (JSON, b"{"),
    (JSON, b"null"),
    (JSON, b"[]"),
    (JSON, b'[{"email_address": 1}]'),
    (JSON, b"[[[[]]]]"),
    (JSON, b'"text"'),
    (JSON, b"1e999"),
    (JSON, b"NaN"),
    (JSON, b'{"a": 1, "a": 2}'),
    (JSON, b'{"\xff": "\xfe"}'),
    (JSON, b'{"a": "\\ud800"}'),
    (JSON, b'\xef\xbb\xbf{"a": 1}'),
    (JSON, b'{"a": ' * DEEP + b"1" + b"}" * DEEP),
    (JSON, b"[" * DEEP + b"]" * DEEP),
    (JSON, b'{"__proto__": {"a": 1}, "": 0, "\\u0000": 0}'),
    (f"{JSON}; charset=utf-16", '{"name": "x"}'.encode("utf-16")),
    ("application/x-www-form-urlencoded", b"name=x&name=y&%ff=%00&a[b][c]=d"),
    ("multipart/form-data", b"no boundary at all"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
    ("multipart/form-data; boundary=x", b"--x\r\ncontent-disposition: form-data\r\n\r\n\r\n--x--"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nnot an image',
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\n\x89PNG\0',
    ),
    ("multipart/form-data; boundary=" + "x" * 300, b"--" + b"x" * 300),
    ("text/xml", b"<a/>"),
    ("\xff", b"{}"),
]
VALUES: dict[str, list[Any]] = {
    "number": [0, -1, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, "1", True],
    "string": [
        "", " ", "\0", "x" * 5000, "\u202e", "2012-02-30T25:61:61Z", "9999-12-31T23:59:59-23:59",
        "http://[", "-1", 1, ["a"],
    ],
    "array": [[], [[]], [None], [""], ["\0", 1], [{"a": 1}], [{}], [True] * 1001, "a", {"a": []}],
    "object": [{}, {"": None}, {"a": [{"b": "\0"}]}, {"a": {}}, [{"a": 1}], "a"],
    "boolean": [0, "true", None, [True]],
}  # fmt: skip
"""Kind of a parameter → what it is given: nonsense of its own kind, and some of others."""

QUERIES = [
    "{}=", "{}=%00", "{}=%ff", "{}=-1", "{}=99999999999999999999", "{}=1e5", "{}[]=&{}[]=a",
    "{}[a]=b", "{}=" + "x" * 3000, "{}=a&{}=b&{}=1&{}=", "{}=%E2%80%AE%", "{}=null", "{}=true",
    "{}=[]", "{}=2012-02-30",
]  # fmt: skip
IDENTIFIERS = [
    "", "%00", "%ff%fe", "..", "%2e%2e", "%2F", "a%0d%0ab", "x" * 2000, "%F0%9F%98%80", "null",
    "-1", "user_1 OR 1=1", "{}", "%", "*",
]  # fmt: skip


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
