"""What a server pays for faults: nothing while there is none that might strike."""

import asyncio
from typing import Any

import pytest

from clerk_fake.faults.api.rate_limit import RateLimit
from clerk_fake.faults.api.stale_reads import StaleReads
from clerk_fake.faults.api.where import Where
from clerk_fake.faults.board import Faults
from clerk_fake.http.connection import Connection
from clerk_fake.http.headers import Headers
from clerk_fake.http.request import Request
from clerk_fake.http.response import json_response
from clerk_fake.http.router import Route, Router
from clerk_fake.http.serving import Serving
from clerk_fake.identities import InstanceRequest
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.webhooks.sender import Sender

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "GET",
    "path": "/v1/users",
    "query_string": b"",
    "headers": [],
}


@pytest.fixture
def instances() -> Instances:
    return Instances(shared_key=SharedKey(), sender=Sender(), base_url="http://127.0.0.1")


@pytest.fixture
def instance(instances: Instances) -> Instance:
    return instances.create(InstanceRequest())


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


class _Sent(list[dict[str, Any]]):
    async def __call__(self, message: Any) -> None:
        self.append(dict(message))


def _ask(faults: Faults, instance: Instance) -> int:
    headers = [(b"authorization", f"Bearer {instance.identity.secret_key}".encode())]
    request = Request(SCOPE, {}, Headers(headers), b"")
    connection = Connection(SCOPE, _receive, _Sent(), transports=lambda _peer: None)
    answered = asyncio.run(faults.api.disturb(request, lambda: json_response({}), connection))
    assert answered is not None
    return answered.status


def test_it_is_idle_until_the_first_fault_and_again_after_the_last(
    instances: Instances, instance: Instance
) -> None:
    faults = Faults(instances)
    assert faults.api.idle

    first = faults.set(RateLimit(), Where(), instance)
    second = faults.set(RateLimit(), Where(), None)
    assert not faults.api.idle
    faults.heal([first])
    assert not faults.api.idle
    faults.heal([second])
    assert faults.api.idle


def test_a_spent_fault_costs_nothing_any_more(instances: Instances, instance: Instance) -> None:
    faults = Faults(instances)
    faults.set(RateLimit(), Where(times=1), instance)

    assert _ask(faults, instance) == 429
    assert faults.api.idle


def test_an_expired_fault_keeps_nothing_back(instances: Instances, instance: Instance) -> None:
    faults = Faults(instances)
    faults.set(StaleReads(delay_s=5), Where(duration_s=60), instance)
    assert instance.state._changes is not None

    instance.clock.advance(60_000)
    assert _ask(faults, instance) == 200

    assert faults.api.idle
    assert instance.state._changes is None


def test_while_idle_nothing_but_the_handler_is_called() -> None:
    class Idle:
        idle = True

        async def disturb(self, *_: object) -> None:
            raise AssertionError("there is no fault")

    router = Router([Route("GET", "/v1/users", lambda _request: json_response([]))])
    serving = Serving(router, seam=Idle(), transports=lambda _peer: None, body_limit=1000)
    sent = _Sent()

    asyncio.run(serving(SCOPE, _receive, sent))

    assert [message.get("status") for message in sent] == [200, None]
