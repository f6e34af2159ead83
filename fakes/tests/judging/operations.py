"""The operations that Clerk describes, and which of them a request was for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Operation", "Operations"]

METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        id: Clerk's ``operationId``.
        tag: The group it is in.
        method: Upper case.
        path: Such as ``/users/{user_id}``, without ``/v1``.
        answers: Declared status → content type → schema; no content type: no body.
        body: Content type → schema of the request's body.
        query: Parameter behind the ``?`` → its declaration.
    """

    id: str
    tag: str
    method: str
    path: str
    answers: Mapping[int, Mapping[str, dict[str, Any]]]
    body: Mapping[str, dict[str, Any]]
    query: Mapping[str, dict[str, Any]]

    @property
    def successes(self) -> frozenset[int]:
        """The declared statuses that are no refusals."""
        return frozenset(status for status in self.answers if status < 300)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variable parts of the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


class Operations:
    """All operations of one description.

    Args:
        description: The whole of it, as loaded.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self._components = description["components"]
        self._all = tuple(self._read(description["paths"]))
        self.by_id: Mapping[str, Operation] = {operation.id: operation for operation in self._all}

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def find(self, method: str, path: str) -> Operation | None:
        """Return what a request was for; fixed parts of a path win over variable ones."""
        parts = path.split("/")
        fitting = [
            operation
            for operation in self._all
            if operation.method == method and _fits(operation.path.split("/"), parts)
        ]
        return min(fitting, key=lambda operation: len(operation.variables), default=None)

    def _read(self, paths: dict[str, Any]) -> Iterator[Operation]:
        for path, item in paths.items():
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item[method], item.get("parameters", []))

    def _operation(
        self, path: str, method: str, node: dict[str, Any], shared: list[dict[str, Any]]
    ) -> Operation:
        parameters = [
            self._resolved(parameter) for parameter in (*shared, *node.get("parameters", ()))
        ]
        return Operation(
            id=node["operationId"],
            tag=node["tags"][0],
            method=method.upper(),
            path=path,
            answers={
                int(status): self._contents(answer) for status, answer in node["responses"].items()
            },
            body=self._contents(node.get("requestBody", {})),
            query={
                parameter["name"]: parameter
                for parameter in parameters
                if parameter["in"] == "query"
            },
        )

    def _contents(self, node: dict[str, Any]) -> Mapping[str, dict[str, Any]]:
        content = self._resolved(node).get("content", {})
        return {media_type: described["schema"] for media_type, described in content.items()}

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            kind, name = node["$ref"].split("/")[-2:]
            node = self._components[kind][name]
        return node


def _fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted == part or (wanted.startswith("{") and part)
        for wanted, part in zip(template, parts, strict=True)
    )
