from datetime import UTC, datetime

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors, SDKError

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


def test_a_created_user_comes_back_equal_from_get_and_list(clerk: Clerk) -> None:
    created = clerk.users.create(
        email_address=["ada@example.com", "countess@example.com"],
        phone_number=["+15555550100"],
        username="ada_l",
        external_id="legacy-1",
        first_name="Ada",
        last_name="Lovelace",
        locale="en-GB",
        password="analytical engine",
        public_metadata={"plan": "pro", "nested": {"a": [1, 2, {"b": None}]}},
        private_metadata={"stripe": "cus_1"},
        unsafe_metadata={"theme": "dark"},
    )

    assert clerk.users.get(user_id=created.id) == created
    assert clerk.users.list(request={}) == [created]
    assert created.id.startswith("user_")
    assert len(created.id) == len("user_") + 27
    assert created.email_addresses[0].id == created.primary_email_address_id
    assert [email.email_address for email in created.email_addresses] == [
        "ada@example.com",
        "countess@example.com",
    ]
    assert created.phone_numbers[0].id == created.primary_phone_number_id
    assert created.password_enabled
    assert created.public_metadata == {"plan": "pro", "nested": {"a": [1, 2, {"b": None}]}}
    assert created.private_metadata == {"stripe": "cus_1"}
    assert created.unsafe_metadata == {"theme": "dark"}
    assert 1_600_000_000_000 < created.created_at < 10_000_000_000_000


def test_an_update_changes_what_it_names_and_nothing_else(clerk: Clerk) -> None:
    before = clerk.users.create(
        email_address=["ada@example.com"], first_name="Ada", last_name="Byron", username="ada_b"
    )

    after = clerk.users.update(user_id=before.id, last_name="Lovelace", username=None)

    assert (after.first_name, after.last_name, after.username) == ("Ada", "Lovelace", None)
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at
    assert clerk.users.get(user_id=before.id) == after


def test_updated_at_grows_strictly_even_within_a_millisecond(
    clerk: Clerk, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    user = clerk.users.create(email_address=["ada@example.com"])

    versions = [
        clerk.users.update(user_id=user.id, first_name=f"Ada {n}").updated_at for n in range(10)
    ]

    assert versions == sorted(set(versions))
    assert versions[0] > user.updated_at


def test_a_sign_up_time_of_ones_own_orders_the_list(clerk: Clerk) -> None:
    clerk.users.create(email_address=["new@example.com"])
    old = clerk.users.create(
        email_address=["old@example.com"], created_at="2012-10-20T07:15:20.902Z"
    )

    assert old.created_at == round(
        datetime(2012, 10, 20, 7, 15, 20, 902000, UTC).timestamp() * 1000
    )
    listed = clerk.users.list(request={})
    assert [user.email_addresses[0].email_address for user in listed] == [
        "new@example.com",
        "old@example.com",
    ]


def test_lists_are_cut_ordered_and_filtered(clerk: Clerk) -> None:
    names = [f"name{number:02}" for number in range(12)]
    users = [
        clerk.users.create(email_address=[f"{name}@example.com"], username=name, external_id=name)
        for name in names
    ]

    assert len(clerk.users.list(request={})) == 10
    by_name = clerk.users.list(request={"limit": 500, "order_by": "username"})
    assert [user.username for user in by_name] == names
    falling = clerk.users.list(request={"limit": 2, "offset": 1, "order_by": "-email_address"})
    assert [user.username for user in falling] == ["name10", "name09"]
    found = clerk.users.list(
        request={"email_address": ["NAME03@example.com", "nobody@example.com"]}
    )
    assert [user.username for user in found] == ["name03"]
    found = clerk.users.list(request={"username": ["name04", "name05"], "order_by": "+created_at"})
    assert [user.username for user in found] == ["name04", "name05"]
    found = clerk.users.list(request={"external_id": ["name06"]})
    assert [user.username for user in found] == ["name06"]
    found = clerk.users.list(request={"user_id": [f"-{user.id}" for user in users[:10]]})
    assert {user.username for user in found} == {"name10", "name11"}
    found = clerk.users.list(request={"query": "AME1"})
    assert {user.username for user in found} == {"name10", "name11"}
    assert clerk.users.count(request={}).total_count == 12
    assert clerk.users.count(request={"query": "name0"}).total_count == 10


def test_a_phone_number_finds_its_user(clerk: Clerk) -> None:
    clerk.users.create(phone_number=["+15555550100"], username="first")
    clerk.users.create(phone_number=["+15555550101"], username="second")

    found = clerk.users.list(request={"phone_number": ["+15555550101"]})

    assert [user.username for user in found] == ["second"]


def test_metadata_merges_deeply_and_null_deletes(clerk: Clerk) -> None:
    user = clerk.users.create(
        email_address=["ada@example.com"],
        public_metadata={"keep": 1, "drop": 2, "deep": {"keep": 1, "drop": 2}},
        private_metadata={"untouched": True},
    )

    merged = clerk.users.update_metadata(
        user_id=user.id,
        public_metadata={"drop": None, "deep": {"drop": None, "new": [1]}, "new": "x"},
    )

    assert merged.public_metadata == {"keep": 1, "deep": {"keep": 1, "new": [1]}, "new": "x"}
    assert merged.private_metadata == {"untouched": True}
    replaced = clerk.users.replace_metadata(user_id=user.id, public_metadata={"only": 1})
    assert replaced.public_metadata == {"only": 1}
    assert replaced.private_metadata == {"untouched": True}
    assert clerk.users.get(user_id=user.id) == replaced


def test_a_deleted_user_is_gone(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"], external_id="legacy-1")

    deleted = clerk.users.delete(user_id=user.id)

    assert (deleted.id, deleted.object, deleted.deleted) == (user.id, "user", True)
    assert deleted.external_id == "legacy-1"
    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.get(user_id=user.id)
    assert refusal.value.status_code == 404
    assert refusal.value.data.errors[0].code == "resource_not_found"
    with pytest.raises(ClerkErrors):
        clerk.users.delete(user_id=user.id)
    assert clerk.users.list(request={}) == []
    again = clerk.users.create(email_address=["ada@example.com"], external_id="legacy-1")
    assert again.id != user.id


def test_bans_and_locks_come_and_go(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])
    other = clerk.users.create(email_address=["bob@example.com"])

    assert clerk.users.ban(user_id=user.id).banned
    assert clerk.users.list(request={"banned": True})[0].id == user.id
    assert not clerk.users.unban(user_id=user.id).banned
    locked = clerk.users.lock(user_id=user.id)
    assert locked.locked
    assert locked.lockout_expires_in_seconds is not None
    assert 3590 < locked.lockout_expires_in_seconds <= 3600
    assert not clerk.users.unlock(user_id=user.id).locked
    banned = clerk.users.bulk_ban(user_ids=[user.id, other.id])
    assert [user.banned for user in banned] == [True, True]
    freed = clerk.users.bulk_unban(user_ids=[user.id, other.id])
    assert [user.banned for user in freed] == [False, False]


def test_a_password_can_be_checked_changed_and_removed(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"], password="first password")

    assert clerk.users.verify_password(user_id=user.id, password="first password").verified
    with pytest.raises(SDKError) as refusal:
        clerk.users.verify_password(user_id=user.id, password="wrong password")
    assert refusal.value.status_code == 422
    clerk.users.update(user_id=user.id, password="second password")
    assert clerk.users.verify_password(user_id=user.id, password="second password").verified
    assert not clerk.users.remove_password(user_id=user.id).password_enabled
    with pytest.raises(SDKError) as refusal:
        clerk.users.verify_password(user_id=user.id, password="second password")
    assert refusal.value.status_code == 400


def test_an_imported_digest_is_a_password(clerk: Clerk) -> None:
    digest = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"  # of "password"
    user = clerk.users.create(
        email_address=["ada@example.com"], password_digest=digest, password_hasher="sha256"
    )

    assert user.password_enabled
    assert clerk.users.verify_password(user_id=user.id, password="password").verified


async def _create_and_get(clerk: Clerk) -> tuple[object, object]:
    async with clerk:
        created = await clerk.users.create_async(email_address=["async@example.com"])
        return created, await clerk.users.get_async(user_id=created.id)


@pytest.mark.asyncio
async def test_the_asynchronous_client_sees_the_same(clerk: Clerk) -> None:
    created, fetched = await _create_and_get(clerk)

    assert created == fetched
