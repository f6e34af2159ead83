"""Everything that Clerk describes, asked for as richly as it can be, by hand and by its clients.

``walking/scenarios`` says what is asked; here is that nothing was forgotten. Whatever is answered
is judged besides, as in every test.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from clerk_backend_api import Clerk
from judging.operations import Operations
from walking.callers import ByHand, not_offered
from walking.progress import TAGS, walk
from walking.python_client import PythonClient, client_methods

if TYPE_CHECKING:
    from conftest import InstanceInfo

# The client warns of what Clerk deprecates; it is asked for all the same.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED:DeprecationWarning")

UNSENDABLE: dict[str, set[str]] = {}
"""Operation → names that no scenario can send with success, each with its reason beside it."""


@pytest.fixture
def client(by_hand: ByHand, clerk: Clerk) -> PythonClient:
    return PythonClient(clerk, by_hand)


@pytest.fixture
def asynchronous_client(by_hand: ByHand, instance: "InstanceInfo") -> Iterator[PythonClient]:
    clerk = Clerk(bearer_auth=instance.secret_key, server_url=instance.api_url)
    with asyncio.Runner() as runner:
        runner.run(clerk.__aenter__())
        yield PythonClient(clerk, by_hand, runner)
        runner.run(clerk.__aexit__(None, None, None))


@pytest.mark.parametrize("tag", TAGS)
def test_everything_described_can_be_asked_by_hand(
    tag: str, by_hand: ByHand, operations: Operations
) -> None:
    walk(tag, by_hand)

    unsent = {}
    for operation in operations:
        if operation.tag == tag:
            body = next(iter(operation.body.values()), {})
            names = {*body.get("items", body).get("properties", ()), *operation.query}
            sent = by_hand.sent.get(operation.id)
            left = names - (sent or set()) - UNSENDABLE.get(operation.id, set())
            if sent is None or left:
                unsent[operation.id] = "never asked for" if sent is None else left
    assert unsent == {}


@pytest.mark.parametrize("tag", TAGS)
def test_everything_can_be_asked_by_the_official_python_client(
    tag: str, client: PythonClient
) -> None:
    walk(tag, client)

    assert client.uncalled(tag) == []


@pytest.mark.parametrize("tag", TAGS)
def test_everything_can_be_asked_by_the_asynchronous_python_client(
    tag: str, asynchronous_client: PythonClient
) -> None:
    walk(tag, asynchronous_client)

    assert asynchronous_client.uncalled(tag) == []


def test_every_method_of_the_official_python_client_is_in_a_scenario(
    operations: Operations, clerk: Clerk
) -> None:
    methods = client_methods(clerk)

    assert sum(map(len, methods.values())) == 2 * 237
    assert set(methods) <= {operation.id for operation in operations}


def test_every_operation_is_offered(operations: Operations) -> None:
    assert [operation.id for operation in not_offered(operations)] == []
