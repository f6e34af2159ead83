"""Testing tokens: with one of them the Frontend API takes a test for no robot."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = ["TESTING_TOKENS", "TestingToken", "create_testing_token"]

LIFETIME_S: Final = 60 * 60
LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LENGTH: Final = 43


@dataclass(frozen=True, slots=True)
class TestingToken:
    """A token.

    Attributes:
        id: The token itself.
        created_at: Unix ms.
        expires_at_s: Unix seconds, as Clerk writes it.
    """

    id: str
    created_at: int
    expires_at_s: int


def _resource(_instance: Instance, token: TestingToken) -> JsonObject:
    return {"object": "testing_token", "token": token.id, "expires_at": token.expires_at_s}


TESTING_TOKENS: Final = Kind(
    Noun("testing_tokens", TestingToken),
    what="testing token",
    prefix="",
    wire_name="testing_token",
    resource=_resource,
)


def create_testing_token(instance: Instance, origin: Origin) -> TestingToken:
    """Make a token that is good for an hour; those that are not any more are dropped."""
    now = instance.clock.now_ms()
    table = TESTING_TOKENS.table(instance)
    for old in list(table.oldest_first()):
        if old.expires_at_s * 1000 > now:
            break
        table.remove(old)
    token_id = f"{now // 1000}-c_{instance.ids.text(LETTERS, LENGTH)}"
    token = TestingToken(token_id, now, now // 1000 + LIFETIME_S)
    return TESTING_TOKENS.add(instance, token, origin)
