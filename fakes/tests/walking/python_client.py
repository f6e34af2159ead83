"""Clerk's official Python client as a caller, blocking or not."""

import asyncio
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from clerk_backend_api import Clerk, models
from clerk_backend_api.basesdk import BaseSDK
from pydantic import BaseModel

from walking.callers import ByHand, File, RefusedError

__all__ = ["PythonClient", "client_methods"]

Json = Any


def client_methods(clerk: Clerk) -> dict[str, dict[str, Any]]:
    """Return operation → name of the method (``users.get``, ``users.get_async``) → the method."""
    found: dict[str, dict[str, Any]] = {}
    for name, group in _groups(clerk, ""):
        for method, operation_id in _operations_of(type(group)).items():
            found.setdefault(operation_id, {})[f"{name}.{method}"] = getattr(group, method)
    return found


def _groups(sdk: Any, prefix: str) -> Iterator[tuple[str, BaseSDK]]:
    below = [name for name, value in vars(sdk).items() if isinstance(value, BaseSDK)]
    for name in (*getattr(sdk, "_sub_sdk_map", ()), *below):
        if name != "parent_ref":
            group = getattr(sdk, name)
            yield prefix + name, group
            yield from _groups(group, f"{prefix}{name}.")


@cache
def _operations_of(group: type) -> dict[str, str]:
    """Return method → operation, as the source of a generated class says."""
    source = inspect.getsource(sys.modules[group.__module__])
    methods = re.split(r"^    (?:async )?def (\w+)\(", source, flags=re.MULTILINE)
    stated = {
        method: re.findall(r'operation_id="([^"]+)"', text)
        for method, text in zip(methods[1::2], methods[2::2], strict=True)
    }
    return {method: ids[0] for method, ids in stated.items() if ids}


class PythonClient:
    """Asks by the official client.

    Args:
        clerk: The client.
        by_hand: Asks for what the client has no method for.
        runner: Runs the client's asynchronous methods; ``None``: the blocking ones are used.
    """

    def __init__(self, clerk: Clerk, by_hand: ByHand, runner: asyncio.Runner | None = None) -> None:
        self._methods = client_methods(clerk)
        self._by_hand = by_hand
        self._runner = runner
        self._called: set[str] = set()

    def __call__(
        self,
        operation_id: str,
        *ids: str,
        body: Json = None,
        query: Mapping[str, Json] | None = None,
        file: File | None = None,
        key: str | None = None,
    ) -> Json:
        """Ask; see ``Caller``."""
        operation = self._by_hand.operation(operation_id)
        if operation_id not in self._methods:
            return self._by_hand(operation_id, *ids, body=body, query=query, file=file, key=key)
        name = self._name(operation_id)
        method = self._methods[operation_id][name]
        takes = inspect.signature(method).parameters
        given = dict(zip(map(_snake, operation.variables), ids, strict=True))
        given |= _arguments(takes, body, query)
        if file is not None:
            given["file"] = {
                "file_name": file.name,
                "content": file.content,
                "content_type": file.content_type,
            }
        if key is not None:
            given["http_headers"] = {"authorization": f"Bearer {key}"}
        try:
            answer = method(**given)
            if self._runner is not None:
                answer = self._runner.run(answer)
        except models.ClerkErrors as refusal:
            codes = [error.code for error in refusal.data.errors]
            raise RefusedError(refusal.status_code, codes) from refusal
        self._called.add(name)
        return _json(answer)

    def uncalled(self, tag: str) -> list[str]:
        """Return the methods for the operations of a tag that were not called with success."""
        names = [
            self._name(operation.id)
            for operation in self._by_hand.operations
            if operation.tag == tag and operation.id in self._methods
        ]
        return [name for name in names if name not in self._called]

    def _name(self, operation_id: str) -> str:
        """Return the method that this caller uses, e.g. ``users.get_async``."""
        (name,) = (
            name
            for name in self._methods[operation_id]
            if name.endswith("_async") is (self._runner is not None)
        )
        return name

    def prepare(self, method: str, path: str, body: Json) -> Json:
        """Let the control plane do something; see ``Caller``."""
        return self._by_hand.prepare(method, path, body)


def _arguments(
    takes: Mapping[str, inspect.Parameter], body: Json, query: Mapping[str, Json] | None
) -> dict[str, Json]:
    """Return body and query as this method takes them; what it has no name for is left out.

    So is ``paginated``: the client asks for pages where it can read lists only.
    """
    query = {name: value for name, value in (query or {}).items() if name != "paginated"}
    if "request" in takes:
        return {"request": body if isinstance(body, list) else {**(body or {}), **query}}
    if "request_body" in takes:
        return {"request_body": body}
    named = {**(body or {}), **query}
    renamed = {f"{name}_" if f"{name}_" in takes else name: named[name] for name in named}
    return {name: value for name, value in renamed.items() if name in takes}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _json(answer: Any) -> Json:
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json", by_alias=True)
    if isinstance(answer, list):
        return [_json(item) for item in answer]
    return answer
