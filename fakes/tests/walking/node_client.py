"""Clerk's official Node client as a caller."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from judging.exchanges import Exchange
from judging.wiretap import faults_of

from walking.callers import ByHand, File, RefusedError
from walking.node_methods import NODE_METHODS
from walking.node_process import NodeProcess

__all__ = ["NodeClient"]

Json = Any

FREE: Final = frozenset(
    {"public_metadata", "private_metadata", "unsafe_metadata", "claims", "actor"}
    | {"reassignment_mappings"}
)
"""Whose keys are their owner's, not Clerk's."""


@dataclass
class NodeClient:
    """Asks by the official Node client.

    Attributes:
        node: The process.
        options: Of ``createClerkClient``.
        by_hand: Asks for what the client has no method for.
        called: Methods that were called with success.
        faults: What was wrong with what the server answered.
    """

    node: NodeProcess
    options: Mapping[str, str]
    by_hand: ByHand
    called: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

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
        operation = self.by_hand.operation(operation_id)
        if operation_id not in NODE_METHODS:
            return self.by_hand(operation_id, *ids, body=body, query=query, file=file, key=key)
        method, how = NODE_METHODS[operation_id].rstrip(")").split("(")
        params = body if isinstance(body, list) else {**(body or {}), **(query or {})}
        given = _renamed(params, _camel)
        if file is not None:
            encoded = base64.b64encode(file.content).decode()
            given["$file"] = {"name": file.name, "base64": encoded, "type": file.content_type}
        if key is not None:
            given["machineSecretKey"] = key
        names = [how.split()[-1]] if " " in how and "," not in how else operation.variables
        args = _arguments(how, ids, dict(zip(map(_camel, names), ids, strict=True)), given)
        answer = self.node.do("call", options=self.options, method=method, args=args)
        self._judge(answer["overheard"])
        if "error" in answer:
            error = answer["error"]
            if error.get("status") is None:
                raise AssertionError(f"{method}: {error}")
            raise RefusedError(error["status"], error["codes"])
        self.called.add(method)
        result = answer["result"]
        if isinstance(result, int):
            return {"total_count": result}
        return _renamed(_decoded(result), _snake)

    def uncalled(self, tag: str) -> list[str]:
        """Return the methods for the operations of a tag that were not called with success."""
        methods = [
            NODE_METHODS[operation.id].split("(")[0]
            for operation in self.by_hand.operations
            if operation.tag == tag and operation.id in NODE_METHODS
        ]
        return [method for method in methods if method not in self.called]

    def prepare(self, method: str, path: str, body: Json) -> Json:
        """Let the control plane do something; see ``Caller``."""
        return self.by_hand.prepare(method, path, body)

    def _judge(self, overheard: list[dict[str, Any]]) -> None:
        for heard in overheard:
            url = urlsplit(heard["url"])
            exchange = Exchange(
                method=heard["method"],
                path=url.path,
                query=url.query,
                version=heard["version"],
                status=heard["status"],
                content_type=heard["content_type"],
                body=heard["body"].encode(),
            )
            self.faults += faults_of(exchange)


def _arguments(how: str, ids: tuple[str, ...], named: Mapping[str, str], given: Json) -> list[Json]:
    args: list[Json] = []
    for part in how.split(", ") if how else ():
        if part == "ids":
            args += ids
        elif part == "params":
            args.append(given)
        elif part == "values":
            args += given.values()
        else:
            args.append({**named, **given})
    return args


def _decoded(value: Json) -> Json:
    """Return what the client made of an answer, without the answer itself that it keeps."""
    if isinstance(value, dict):
        return {name: _decoded(below) for name, below in value.items() if name != "_raw"}
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    return value


def _renamed(value: Json, rename: Callable[[str], str]) -> Json:
    if isinstance(value, dict):
        return {
            rename(name): below if _snake(name) in FREE else _renamed(below, rename)
            for name, below in value.items()
        }
    if isinstance(value, list):
        return [_renamed(item, rename) for item in value]
    return value


def _camel(name: str) -> str:
    name = re.sub(r"ID$", "Id", name)
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
