import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors, IdentificationStatus, SDKError


def _codes(refusal: pytest.ExceptionInfo[ClerkErrors]) -> list[str]:
    return [error.code for error in refusal.value.data.errors]


def test_an_address_can_be_added_fetched_verified_made_primary_and_deleted(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])

    added = clerk.email_addresses.create(
        request={"user_id": user.id, "email_address": "Second@example.com"}
    )

    assert added.email_address == "second@example.com"
    assert added.verification is None
    assert added.id is not None
    assert clerk.email_addresses.get(email_address_id=added.id) == added
    verified = clerk.email_addresses.update(email_address_id=added.id, verified=True, primary=True)
    assert verified.verification is not None
    assert clerk.users.get(user_id=user.id).primary_email_address_id == added.id
    deleted = clerk.email_addresses.delete(email_address_id=added.id)
    assert (deleted.id, deleted.deleted) == (added.id, True)
    assert (
        clerk.users.get(user_id=user.id).primary_email_address_id == user.primary_email_address_id
    )
    with pytest.raises(ClerkErrors) as refusal:
        clerk.email_addresses.get(email_address_id=added.id)
    assert refusal.value.status_code == 404


def test_the_first_address_becomes_the_primary_one(clerk: Clerk) -> None:
    user = clerk.users.create(username="nomail")

    added = clerk.email_addresses.create(
        request={"user_id": user.id, "email_address": "ada@example.com", "verified": True}
    )

    assert clerk.users.get(user_id=user.id).primary_email_address_id == added.id


def test_an_unverified_address_cannot_be_primary(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])
    added = clerk.email_addresses.create(
        request={"user_id": user.id, "email_address": "second@example.com"}
    )
    assert added.id is not None

    with pytest.raises(SDKError) as refused:
        clerk.email_addresses.update(email_address_id=added.id, primary=True)
    assert refused.value.status_code == 422
    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.update(user_id=user.id, primary_email_address_id=added.id)
    assert _codes(refusal) == ["form_verification_needed"]


def test_two_users_may_hold_an_address_until_one_verifies_it(clerk: Clerk) -> None:
    first = clerk.users.create(username="first")
    second = clerk.users.create(username="second")
    mine, theirs = (
        clerk.email_addresses.create(
            request={"user_id": user.id, "email_address": "shared@example.com"}
        )
        for user in (first, second)
    )
    assert mine.id is not None
    assert theirs.id is not None

    clerk.email_addresses.update(email_address_id=mine.id, verified=True)

    with pytest.raises(SDKError) as refused:
        clerk.email_addresses.update(email_address_id=theirs.id, verified=True)
    assert refused.value.status_code == 422


def test_the_last_identification_cannot_be_deleted(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])
    only = user.email_addresses[0].id
    assert only is not None

    with pytest.raises(ClerkErrors) as refusal:
        clerk.email_addresses.delete(email_address_id=only)

    assert refusal.value.status_code == 400
    assert _codes(refusal) == ["identification_deletion_failed"]


def test_all_addresses_can_be_replaced_by_one(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com", "b@example.com"])

    only = clerk.email_addresses.replace_for_user(
        user_id=user.id,
        email_address="ada@example.com",
        identification_status=IdentificationStatus.RESERVED,
    )

    assert only.reserved
    now = clerk.users.get(user_id=user.id)
    assert now.email_addresses == [only]
    assert now.primary_email_address_id == only.id


def test_every_change_of_an_address_is_told_as_a_change_of_its_user(
    clerk: Clerk, control: httpx.Client
) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])
    added = clerk.email_addresses.create(
        request={"user_id": user.id, "email_address": "second@example.com", "verified": True}
    )
    assert added.id is not None
    clerk.email_addresses.update(email_address_id=added.id, primary=True)
    clerk.email_addresses.delete(email_address_id=added.id)

    types = [message["event_type"] for message in control.get("/messages").json()["data"]]

    assert types == ["user.created", "user.updated", "user.updated", "user.updated"]
