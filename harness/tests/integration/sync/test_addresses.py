"""A verified address belongs to one user; it moves at once, and never by an unverified claim."""

from typing import Any

import pytest

from clerk_sync.states import State

pytestmark = pytest.mark.asyncio

X = "x@example.com"


def _address(address: str = X, *, verified: bool = True) -> dict[str, Any]:
    return {
        "id": "idn_1",
        "email_address": address,
        "verification": {"status": "verified" if verified else "unverified"},
    }


async def _emails(service: Any, clerk_id: str) -> list[str]:
    return [email["email_address"] for email in (await service.user(clerk_id))["emails"]]


async def test_an_address_leaves_its_holder_when_a_newer_user_has_verified_it(
    service: Any, clerk_double: Any
) -> None:
    await service.process("user.created", "user_1", 1000, email_addresses=[_address()])
    moved = {"email_addresses": [_address("X@Example.com")]}
    assert await service.process("user.created", "user_2", 2000, **moved) is State.APPLIED
    assert await _emails(service, "user_1") == []
    assert await _emails(service, "user_2") == ["X@Example.com"]
    assert (await service.user("user_1"))["clerk_updated_at"] == 1000
    assert clerk_double.asked == []


async def test_an_older_claim_is_written_without_the_address(
    service: Any, clerk_double: Any
) -> None:
    await service.process("user.created", "user_2", 2000, email_addresses=[_address()])
    late = {"email_addresses": [_address(), _address("own@example.com")]}
    assert await service.process("user.created", "user_1", 1000, **late) is State.APPLIED
    assert await _emails(service, "user_1") == ["own@example.com"]
    assert await _emails(service, "user_2") == [X]
    assert clerk_double.asked == []


@pytest.mark.parametrize("version", [1, 9000])
async def test_an_unverified_address_takes_nothing_and_is_taken_from_nobody(
    service: Any, version: int
) -> None:
    await service.process("user.created", "user_1", 5000, email_addresses=[_address()])
    unverified = {"email_addresses": [_address(verified=False)]}
    await service.process("user.created", "user_2", version, **unverified)
    assert await _emails(service, "user_1") == [X]
    assert await _emails(service, "user_2") == [X]
    await service.process("user.updated", "user_1", 10_000, email_addresses=[_address()])
    assert await _emails(service, "user_2") == [X]


@pytest.mark.parametrize("lead", [-250, -1, 0, 1, 250])
async def test_when_two_versions_prove_nothing_clerk_is_asked_about_both(
    service: Any, clerk_double: Any, lead: int
) -> None:
    await service.process("user.created", "user_1", 1000, email_addresses=[_address()])
    clerk_double.users["user_1"] = {"id": "user_1", "updated_at": 1300}
    clerk_double.users["user_2"] = {
        "id": "user_2",
        "updated_at": 1000 + lead,
        "email_addresses": [_address()],
    }
    claim = {"email_addresses": [_address()]}
    assert await service.process("user.created", "user_2", 1000 + lead, **claim) is State.APPLIED
    assert await _emails(service, "user_1") == []
    assert await _emails(service, "user_2") == [X]
    assert sorted(clerk_double.asked) == ["/v1/users/user_1", "/v1/users/user_2"]
    assert [kind for _, kind in await service.effects()] == ["welcome", "welcome"]


async def test_while_clerk_says_that_both_have_it_the_webhook_is_tried_again(
    service: Any, clerk_double: Any
) -> None:
    await service.process("user.created", "user_1", 1000, email_addresses=[_address()])
    both = {"updated_at": 1000, "email_addresses": [_address()]}
    clerk_double.users |= {name: {"id": name} | both for name in ("user_1", "user_2")}
    sent = await service.deliver("user.created", "user_2", 1000, email_addresses=[_address()])
    assert await service.apply(sent) is State.FAILED
    assert "both user:user_2 and user:user_1" in (await service.row(sent))["last_error"]
    assert await _emails(service, "user_1") == [X]


async def test_a_chain_of_moves_within_one_batch_ends_as_in_clerk(service: Any) -> None:
    names = [f"user_{number}" for number in range(4)]
    sent = [
        await service.deliver(
            "user.created", name, 1000, email_addresses=[_address(f"{name}@example.com")]
        )
        for name in names
    ]
    sent += [
        await service.deliver(
            "user.updated", name, 2000, email_addresses=[_address(f"{next_}@example.com")]
        )
        for name, next_ in zip(names, [*names[1:], names[0]], strict=True)
    ]
    states = await service.applier.apply_all(sent)
    assert set(states.values()) == {State.APPLIED}
    for name, next_ in zip(names, [*names[1:], names[0]], strict=True):
        assert await _emails(service, name) == [f"{next_}@example.com"]


async def test_one_user_may_name_one_address_twice(service: Any) -> None:
    twice = {"email_addresses": [_address(), _address("X@example.com")]}
    assert await service.process("user.created", "user_1", **twice) is State.APPLIED
    assert await _emails(service, "user_1") == [X]
