"""One request and its answer, and what is wrong with the answer by Clerk's description."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from judging.descriptions import LATEST, OLDER, described
from judging.operations import Operation, Operations
from judging.schemas import Schemas

__all__ = ["Exchange", "Judge", "judge_of"]

REFUSALS: Final = frozenset({400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 423, 429, 501})
"""What Clerk answers, whether an operation declares it or not; 501: this fake does not offer it."""

BEYOND: Final = (("POST", "/sessions/{}/verify"), ("POST", "/beta_features/change_domain"))
"""Offered although not described: clients have a method for it."""

INSISTED: Final = {("createApiKey", OLDER, 201): 200}
"""Operation, version, status on which Clerk's Python client insists → status that is described."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    Attributes:
        method: Upper case.
        path: Percent-encoded, with or without ``/v1``, without query.
        query: What is behind the ``?``.
        version: The ``Clerk-API-Version`` of the request, if any.
        status: Of the answer.
        content_type: Of the answer.
        body: Of the answer.
    """

    method: str
    path: str
    query: str
    version: str | None
    status: int
    content_type: str | None
    body: bytes


class Judge:
    """Judges by one dated description.

    Args:
        description: The whole of it, as loaded.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self.operations = Operations(description)
        self.schemas = Schemas(description)
        self._components = description["components"]["schemas"]
        self._envelope = self._components["ClerkErrors"]
        self._pages: dict[str, dict[str, Any]] = {}

    def operation(self, exchange: Exchange) -> Operation | None:
        """Return what was asked for."""
        return self.operations.find(exchange.method, exchange.path.removeprefix("/v1"))

    def faults(self, exchange: Exchange) -> Iterator[str]:
        """Yield a sentence for everything that is wrong with an answer."""
        operation = self.operation(exchange)
        if exchange.method == "HEAD":
            return
        if exchange.status >= 300:
            yield from self._faults_of_refusal(exchange)
        elif operation is not None:
            yield from self._faults_of_success(operation, exchange)
        elif not _is_beyond(exchange):
            yield "there is no such operation, but it succeeded"

    def _faults_of_refusal(self, exchange: Exchange) -> Iterator[str]:
        if exchange.status not in REFUSALS:
            yield f"{exchange.status} is no status of Clerk's"
            return
        if exchange.content_type != "application/json":
            yield f"the content type is {exchange.content_type}"
        yield from self._faults_of_json(self._envelope, exchange)

    def _faults_of_success(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        insisted = (operation.id, exchange.version, exchange.status)
        status = INSISTED.get(insisted, exchange.status)
        if status not in operation.answers:
            yield f"{exchange.status} is none of {sorted(operation.successes)}"
            return
        content = operation.answers[status]
        if not content:
            if exchange.body and exchange.content_type == "application/json":
                yield "no body is described, but there is one"
        elif exchange.content_type not in content:
            yield f"the content type is {exchange.content_type}"
        else:
            schema = self._resolved(content[exchange.content_type])
            paginated = "paginated" in operation.query and schema.get("type") == "array"
            if paginated and "paginated=true" in exchange.query.split("&"):
                schema = self._pages.setdefault(operation.id, _page_of(schema))
            yield from self._faults_of_json(schema, exchange)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while set(schema) == {"$ref"}:
            schema = self._components[schema["$ref"].rpartition("/")[2]]
        return schema

    def _faults_of_json(self, schema: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        try:
            value = json.loads(exchange.body)
        except ValueError as malformed:
            yield f"the body is no JSON: {malformed}"
        else:
            yield from self.schemas.faults(schema, value)


def _page_of(items: dict[str, Any]) -> dict[str, Any]:
    """Return what a bare list becomes when ``paginated`` is asked for: not described, but so."""
    return {
        "type": "object",
        "required": ["data", "total_count"],
        "properties": {"data": items, "total_count": {"type": "integer", "minimum": 0}},
    }


def _is_beyond(exchange: Exchange) -> bool:
    parts = exchange.path.removeprefix("/v1").split("/")
    return any(
        method == exchange.method
        and len(parts) == len(path.split("/"))
        and all(wanted in {"{}", part} for wanted, part in zip(path.split("/"), parts, strict=True))
        for method, path in BEYOND
    )


@cache
def _judge(version: str) -> Judge | None:
    description = described(f"bapi/{version}")
    return None if description is None else Judge(description)


def judge_of(exchange: Exchange | None = None) -> Judge | None:
    """Return who judges; ``None``: no description is at hand.

    Args:
        exchange: What is judged: by an older description when the client spoke that version and
            the operation is in it (its client may have methods that the description lacks), by
            the latest otherwise.
    """
    if exchange is not None and exchange.version == OLDER:
        older = _judge(OLDER)
        if older is not None and older.operation(exchange) is not None:
            return older
    return _judge(LATEST)
