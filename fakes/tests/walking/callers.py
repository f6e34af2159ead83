"""Who asks for operations: what every caller promises, and the one that asks by hand.

A scenario is written once, for any caller: by hand, by Clerk's official Python client, blocking or
not, by Clerk's official Node client. A caller that has no method for an operation asks by hand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from judging.operations import Operation, Operations

from clerk_fake.bapi.routes import PUBLIC_ROUTES, ROUTES

__all__ = ["ByHand", "Caller", "File", "NotOfferedError", "RefusedError", "not_offered"]

Json = Any


class NotOfferedError(Exception):
    """The fake does not offer this operation (yet)."""


@dataclass
class RefusedError(Exception):
    """The fake refused.

    Attributes:
        status: HTTP status.
        codes: Of the errors, in order.
    """

    status: int
    codes: list[str]


@dataclass(frozen=True, slots=True)
class File:
    """A file to be uploaded."""

    name: str
    content: bytes
    content_type: str


class Caller(Protocol):
    """Asks for one operation and returns what was answered, as JSON with Clerk's names."""

    def __call__(
        self,
        operation_id: str,
        *ids: str,
        body: Json = None,
        query: Mapping[str, Json] | None = None,
        file: File | None = None,
        key: str | None = None,
    ) -> Json:
        """Ask.

        Args:
            operation_id: Clerk's name of the operation.
            *ids: The variable parts of its path, in order.
            body: JSON, or the further fields of an upload.
            query: Parameters behind the ``?``.
            file: What is uploaded.
            key: Secret key of whom it is asked; the instance's own when ``None``.

        Raises:
            NotOfferedError: The fake does not offer this.
            RefusedError: The fake refused.
        """
        ...

    def prepare(self, method: str, path: str, body: Json) -> Json:
        """Let the control plane do what lies outside the Backend API; ``path`` is the instance's.

        Raises:
            NotOfferedError: The control plane does not offer this.
        """
        ...


def _shape(method: str, path: str) -> tuple[str, str]:
    return method, re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/v1"))


def not_offered(operations: Operations) -> list[Operation]:
    """Return the operations that Clerk describes and the fake has no route for."""
    offered = {_shape(route.method, route.path) for route in (*ROUTES, *PUBLIC_ROUTES)}
    return [
        operation
        for operation in operations
        if _shape(operation.method, operation.path) not in offered
    ]


@dataclass
class ByHand:
    """Asks over plain HTTP, and remembers what it sent with success.

    Attributes:
        bapi: Asks with the secret key of an instance.
        control: The control plane of that instance.
        operations: All that Clerk describes.
        sent: Operation → names of body properties and query parameters that were accepted.
    """

    bapi: httpx.Client
    control: httpx.Client
    operations: Operations
    sent: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._missing = frozenset(operation.id for operation in not_offered(self.operations))

    def operation(self, operation_id: str) -> Operation:
        """Return the description of an operation that the fake offers.

        Raises:
            NotOfferedError: It does not.
        """
        if operation_id in self._missing:
            raise NotOfferedError(operation_id)
        return self.operations.by_id[operation_id]

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
        operation = self.operation(operation_id)
        response = self.bapi.request(
            operation.method,
            path_of(operation, ids),
            params=None if query is None else {name: _text(query[name]) for name in query},
            json=body if file is None else None,
            data=body if file is not None else None,
            files=None if file is None else {"file": (file.name, file.content, file.content_type)},
            headers=None if key is None else {"authorization": f"Bearer {key}"},
        )
        if not response.is_success:
            errors = response.json()["errors"]
            raise RefusedError(response.status_code, [error["code"] for error in errors])
        names = self.sent.setdefault(operation_id, set())
        names.update(query or (), *(body if isinstance(body, list) else [body or ()]))
        if file is not None:
            names.add("file")
        is_json = response.headers.get("content-type") == "application/json"
        return response.json() if is_json and response.content else None

    def prepare(self, method: str, path: str, body: Json) -> Json:
        """Let the control plane do something; see ``Caller``."""
        answer = self.control.request(method, path, json=body)
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED}:
            raise NotOfferedError(f"{method} {path} of the control plane")
        return answer.raise_for_status().json()


def path_of(operation: Operation, ids: tuple[str, ...]) -> str:
    """Return the path with the variable parts filled in."""
    path = operation.path
    for name, value in zip(operation.variables, ids, strict=True):
        path = path.replace(f"{{{name}}}", value)
    return path


def _text(value: Json) -> Json:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
