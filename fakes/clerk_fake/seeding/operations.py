"""Operations of Clerk and of the control plane, carried out without a connection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import orjson

from clerk_fake.bapi.call import Call
from clerk_fake.bapi.routes import ROUTES as BAPI_ROUTES
from clerk_fake.control.call import ControlCall
from clerk_fake.control.routes import ROUTES as CONTROL_ROUTES
from clerk_fake.faults.board import Faults
from clerk_fake.http.headers import Headers
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.jsontypes import JsonObject

__all__ = ["Operation", "Operator"]

CONTROL: Final = "/__fake__/instances/{instance_id}"
USER_AGENT: Final = b"clerk_fake seed"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        method: Upper case.
        path: With its variable parts, e.g. ``/v1/users``; one that begins with ``…`` is of the
            control plane of the instance.
    """

    method: str
    path: str

    @property
    def offered(self) -> bool:
        """Whether this fake has it."""
        return (self.method, self.path.replace("…", CONTROL)) in _bapi() | _control().keys()


@dataclass(frozen=True, slots=True)
class Operator:
    """Carries operations out, with all of their rules and events but without rate limits.

    Attributes:
        instances: All of the server.
        faults: All that were set.
        base_url: Where the server is reached, without a slash at the end.
    """

    instances: Instances
    faults: Faults
    base_url: str

    def perform(
        self,
        operation: Operation,
        instance: Instance,
        params: Mapping[str, str],
        body: JsonObject,
    ) -> JsonObject:
        """Carry one out and return what it answers.

        Args:
            operation: Which one.
            instance: Where.
            params: The variable parts of its path.
            body: Of the request.

        Raises:
            ApiError: It is refused.
        """
        request = _request(operation, {**params, "instance_id": instance.id}, body)
        path = operation.path.replace("…", CONTROL)
        if path != operation.path:
            call = ControlCall(request, self.instances, self.faults, self.base_url)
            response = _control()[operation.method, path](call)
        else:
            response = _bapi()[operation.method, path](Call(request, instance))
        answer: JsonObject = orjson.loads(response.body) if response.body else {}
        return answer


def _request(operation: Operation, params: Mapping[str, str], body: JsonObject) -> Request:
    scope = {"method": operation.method, "path": operation.path, "query_string": b""}
    headers = Headers([(b"user-agent", USER_AGENT), (b"content-type", b"application/json")])
    return Request(scope, params, headers, orjson.dumps(body))


@cache
def _bapi() -> Mapping[tuple[str, str], Callable[[Call], Response]]:
    return {(route.method, route.path): route.handler for route in BAPI_ROUTES}


@cache
def _control() -> Mapping[tuple[str, str], Callable[[ControlCall], Response]]:
    return {(route.method, route.path): route.handler for route in CONTROL_ROUTES}
