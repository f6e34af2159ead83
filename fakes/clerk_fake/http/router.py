"""Find the handler for a method and a path: a tree of path segments.

Fixed segments win over ``{variable}`` ones, so ``/v1/users/count`` is no user. A variable is never
empty, so ``/v1/users/`` is neither a user nor all of them: it is nothing, as it is at Clerk.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from clerk_fake.errors import ApiError
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response

__all__ = ["Coverage", "Handler", "Match", "Route", "Router"]

G = TypeVar("G")
H = TypeVar("H")
NO_PARAMS: Final[Mapping[str, str]] = MappingProxyType({})
Handler: TypeAlias = Callable[[Request], Response]


class Coverage(Enum):
    """How far an operation goes."""

    STATEFUL = "stateful"
    """It has its effect: what it changes is seen by all other operations."""

    STORED = "stored"
    """Its effect lies outside Clerk (DNS, a bank): what it was told is kept and given back."""


@dataclass(frozen=True, slots=True)
class Route(Generic[H]):
    """One operation.

    Attributes:
        method: Upper case.
        path: Such as ``/v1/users/{user_id}``.
        handler: Who answers it.
        body_limit: Largest request body that is read, in bytes; ``None`` for the server's usual.
        coverage: How far it goes, for ``docs/coverage.md``.
    """

    method: str
    path: str
    handler: H
    body_limit: int | None = None
    coverage: Coverage = field(default=Coverage.STATEFUL, kw_only=True)

    def answered_by(self, handler: G) -> "Route[G]":
        """Return the same operation with another handler."""
        return Route(self.method, self.path, handler, self.body_limit, coverage=self.coverage)


class Match(NamedTuple):
    """A route, and what the variable parts of the path were."""

    route: Route[Handler]
    params: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    fixed: "dict[str, _Node]" = field(default_factory=dict)
    variable: "_Node | None" = None
    routes: dict[str, tuple[Route[Handler], tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """All routes of a server.

    Args:
        routes: Known from the beginning.
        later: Returns all routes, also the first ones, as soon as a request is for none of those.
            So none of the first ones may answer what is meant for a later one.

    Raises:
        ValueError: Two routes have the same method and shape.
    """

    def __init__(
        self,
        routes: Iterable[Route[Handler]],
        later: Callable[[], Iterable[Route[Handler]]] | None = None,
    ) -> None:
        self._root = _tree(routes)
        self._later = later

    def match(self, method: str, path: str) -> Match:
        """Return who answers.

        Raises:
            ApiError: 404, no such path; 405, the path has no such method.
        """
        try:
            return self._find(method, path)
        except ApiError:
            if self._later is None:
                raise
        self.complete()
        return self._find(method, path)

    def complete(self) -> None:
        """Know all routes from now on; nothing happens when they are known already."""
        if self._later is not None:
            self._root = _tree(self._later())
            self._later = None

    def _find(self, method: str, path: str) -> Match:
        values: list[str] = []
        node = self._root
        for segment in _segments(path):
            below = node.fixed.get(segment)
            if below is None and segment:
                below = node.variable
                values.append(segment)
            if below is None:
                raise ApiError.no_such_route(method, path)
            node = below
        if not node.routes:
            raise ApiError.no_such_route(method, path)
        found = node.routes.get(method)
        if found is None:
            raise ApiError.method_not_allowed(method, path)
        route, names = found
        return Match(route, dict(zip(names, values, strict=True)) if names else NO_PARAMS)


def _tree(routes: Iterable[Route[Handler]]) -> _Node:
    root = _Node()
    for route in routes:
        node = root
        names = []
        for segment in _segments(route.path):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.fixed.setdefault(segment, _Node())
        if route.method in node.routes:
            raise ValueError(f"two routes for {route.method} {route.path}")
        node.routes[route.method] = (route, tuple(names))
    return root


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")
