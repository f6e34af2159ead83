"""The payloads against Clerk's own description of them, where that is at hand."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk

BESIDE_THE_CHECKOUT = Path(__file__).parents[4] / "shared" / "openapi"
PYTHON_TYPES = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "number": (int, float),
}


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    folder = Path(os.environ.get("CLERK_OPENAPI_DIR", BESIDE_THE_CHECKOUT))
    path = folder / "webhooks" / "2025-04-15.yml"
    if not path.exists():
        pytest.skip(f"no OpenAPI description at {path}: set CLERK_OPENAPI_DIR to have one")
    yaml = pytest.importorskip("yaml", reason="PyYAML is needed to read Clerk's descriptions")
    return yaml.safe_load(path.read_text())


def _resolved(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = spec
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _names(spec: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The properties that a schema knows, with those of its ``allOf`` parts."""
    schema = _resolved(spec, schema)
    names = set(schema.get("properties", ()))
    return names.union(*(_names(spec, part) for part in schema.get("allOf", ())))


def _faults(
    spec: dict[str, Any],
    schema: dict[str, Any],
    value: Any,
    where: str,
    siblings: frozenset[str] = frozenset(),
) -> list[str]:
    """Check the keywords that Clerk's description uses; name every place that breaks one.

    Clerk extends closed schemas by ``allOf``, which by the letter forbids what it adds; so the
    ``siblings``, properties of the other parts, are known to each part.
    """
    schema = _resolved(spec, schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{where} is null"]
    if "oneOf" in schema:
        choices = [_faults(spec, choice, value, where) for choice in schema["oneOf"]]
        return [] if [] in choices else [f"{where} is none of its kinds: {choices[0]}"]
    names = frozenset(_names(spec, schema) | siblings)
    faults = []
    for part in schema.get("allOf", ()):
        faults += _faults(spec, part, value, where, names)
    expected = schema.get("type")
    if expected and not isinstance(value, PYTHON_TYPES[expected]):
        faults.append(f"{where} is no {expected}")
    elif "enum" in schema and value not in schema["enum"]:
        faults.append(f"{where} is {value!r}, which is none of {schema['enum']}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            faults += _faults(spec, schema.get("items", {}), item, f"{where}[{index}]")
    elif isinstance(value, dict):
        faults += _faults_of_object(spec, schema, value, where, names)
    return faults


def _faults_of_object(
    spec: dict[str, Any],
    schema: dict[str, Any],
    value: dict[str, Any],
    where: str,
    names: frozenset[str],
) -> list[str]:
    faults = [
        f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value
    ]
    if schema.get("additionalProperties") is False:
        faults += [f"{where}.{name} is unknown" for name in value if name not in names]
    for name, below in schema.get("properties", {}).items():
        if name in value:
            faults += _faults(spec, below, value[name], f"{where}.{name}")
    return faults


def test_every_payload_is_as_clerk_describes_it(
    spec: dict[str, Any], clerk: Clerk, control: httpx.Client
) -> None:
    user = clerk.users.create(
        email_address=["ada@example.com"],
        phone_number=["+15555550100"],
        external_id="e1",
        public_metadata={"a": {"b": 1}},
    )
    clerk.email_addresses.create(request={"user_id": user.id, "email_address": "b@example.com"})
    clerk.users.lock(user_id=user.id)
    clerk.users.unlock(user_id=user.id)
    session = clerk.sessions.create(request={"user_id": user.id})
    clerk.sessions.revoke(session_id=session.id)
    clerk.users.delete(user_id=user.id)

    messages = control.get("/messages").json()["data"]

    assert {message["event_type"] for message in messages} == {
        "user.created", "user.updated", "session.created", "session.revoked", "user.deleted",
    }  # fmt: skip
    for message in messages:
        described = spec["x-webhooks"][message["event_type"]]["post"]["requestBody"]
        schema = described["content"]["application/json"]["schema"]
        assert _faults(spec, schema, json.loads(message["payload"]), message["event_type"]) == []


def test_the_catalogue_is_clerks(spec: dict[str, Any], control: httpx.Client) -> None:
    for event_type in spec["x-webhooks"]:
        triggered = control.post("/trigger", json={"type": event_type, "data": {"id": "x"}})
        assert triggered.status_code == 201, event_type
