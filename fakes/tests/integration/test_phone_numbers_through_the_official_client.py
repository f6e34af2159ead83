import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.models import ClerkErrors


def codes(answer: httpx.Response) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["ada@example.com"], phone_number=["+15555550100"])


def add(bapi: httpx.Client, user: models.User, number: str, **fields: bool) -> dict[str, object]:
    body = {"user_id": user.id, "phone_number": number, **fields}
    return bapi.post("/phone_numbers", json=body).raise_for_status().json()


def numbers(bapi: httpx.Client, user: models.User) -> dict[str, dict[str, object]]:
    shown = bapi.get(f"/users/{user.id}").json()["phone_numbers"]
    return {phone["id"]: phone for phone in shown}


def test_a_number_can_be_added_fetched_verified_made_primary_and_deleted(
    clerk: Clerk, user: models.User
) -> None:
    added = clerk.phone_numbers.create(
        request={"user_id": user.id, "phone_number": "+1 (555) 555-0101"}
    )

    assert added.phone_number == "+15555550101"
    assert added.verification is None
    assert clerk.phone_numbers.get(phone_number_id=added.id) == added
    verified = clerk.phone_numbers.update(phone_number_id=added.id, verified=True, primary=True)
    assert verified.verification is not None
    assert clerk.users.get(user_id=user.id).primary_phone_number_id == added.id
    assert clerk.phone_numbers.delete(phone_number_id=added.id).deleted
    assert clerk.users.get(user_id=user.id).primary_phone_number_id == user.primary_phone_number_id
    with pytest.raises(ClerkErrors) as refusal:
        clerk.phone_numbers.get(phone_number_id=added.id)
    assert refusal.value.status_code == 404


def test_all_numbers_can_be_replaced_by_one(clerk: Clerk, user: models.User) -> None:
    only = clerk.phone_numbers.replace_for_user(user_id=user.id, phone_number="+15555550102")

    now = clerk.users.get(user_id=user.id)
    assert now.phone_numbers == [only]
    assert now.primary_phone_number_id == only.id
    assert not only.reserved_for_second_factor


def test_the_first_reserved_number_is_the_default_second_factor_until_it_goes(
    bapi: httpx.Client, user: models.User
) -> None:
    first = add(bapi, user, "+15555550101", verified=True, reserved_for_second_factor=True)
    second = add(bapi, user, "+15555550102", verified=True, reserved_for_second_factor=True)

    assert first["default_second_factor"]
    assert not second["default_second_factor"]
    shown = bapi.get(f"/users/{user.id}").json()
    assert shown["two_factor_enabled"]
    assert shown["mfa_enabled_at"] is not None
    bapi.delete(f"/phone_numbers/{first['id']}").raise_for_status()
    assert numbers(bapi, user)[str(second["id"])]["default_second_factor"]
    bapi.patch(
        f"/phone_numbers/{second['id']}", json={"reserved_for_second_factor": False}
    ).raise_for_status()
    shown = bapi.get(f"/users/{user.id}").json()
    assert not shown["two_factor_enabled"]
    assert shown["mfa_disabled_at"] is not None


def test_an_unverified_number_is_no_second_factor(bapi: httpx.Client, user: models.User) -> None:
    body = {"user_id": user.id, "phone_number": "+15555550101"}

    created = bapi.post("/phone_numbers", json={**body, "reserved_for_second_factor": True})
    added = bapi.post("/phone_numbers", json=body).json()
    changed = bapi.patch(f"/phone_numbers/{added['id']}", json={"reserved_for_second_factor": True})

    assert (created.status_code, changed.status_code) == (400, 400)
    assert codes(created) == ["identification_create_second_factor_unverified"]
    assert codes(changed) == ["identification_update_second_factor_unverified"]


def test_the_last_identification_can_neither_go_nor_become_a_second_factor(
    bapi: httpx.Client, clerk: Clerk
) -> None:
    user = clerk.users.create(phone_number=["+15555550100"])
    path = f"/phone_numbers/{user.phone_numbers[0].id}"

    deleted = bapi.delete(path)
    reserved = bapi.patch(path, json={"reserved_for_second_factor": True})

    assert (deleted.status_code, reserved.status_code) == (400, 400)
    assert codes(deleted) == ["identification_deletion_failed"]
    assert codes(reserved) == ["identification_update_failed"]


def test_a_second_factor_is_no_identification(bapi: httpx.Client, user: models.User) -> None:
    phone_path = f"/phone_numbers/{user.phone_numbers[0].id}"
    bapi.patch(phone_path, json={"reserved_for_second_factor": True}).raise_for_status()

    email = bapi.delete(f"/email_addresses/{user.email_addresses[0].id}")

    assert codes(email) == ["identification_deletion_failed"]
    assert bapi.delete(phone_path).is_success


def test_a_number_that_is_verified_no_longer_stops_being_a_second_factor(
    bapi: httpx.Client, user: models.User
) -> None:
    phone = add(bapi, user, "+15555550101", verified=True, reserved_for_second_factor=True)

    changed = bapi.patch(f"/phone_numbers/{phone['id']}", json={"verified": False}).json()

    assert not changed["reserved_for_second_factor"]
    assert not bapi.get(f"/users/{user.id}").json()["two_factor_enabled"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"phone_number": "+15555550101"}, 422, "form_param_missing"),
        ({"user_id": "user_1", "phone_number": "+15555550101"}, 404, "resource_not_found"),
        ({"user_id": "USER", "phone_number": "12"}, 422, "form_param_format_invalid"),
        ({"user_id": "USER", "phone_number": "+15555550100"}, 422, "form_identifier_exists"),
        ({"user_id": "USER", "phone_number": "+15555550199"}, 422, "form_identifier_exists"),
        ({"user_id": "USER", "phone_number": "+15555550101", "x": 1}, 422, "form_param_unknown"),
        (
            {"user_id": "USER", "phone_number": "+15555550101", "primary": True},
            422,
            "form_verification_needed",
        ),
    ],
)
def test_a_number_that_breaks_a_rule_is_refused(
    bapi: httpx.Client, user: models.User, body: dict[str, object], status: int, code: str
) -> None:
    bapi.post("/users", json={"phone_number": ["+15555550199"]}).raise_for_status()
    if body.get("user_id") == "USER":
        body = {**body, "user_id": user.id}
    if code == "form_identifier_exists":
        body = {**body, "verified": True}

    answer = bapi.post("/phone_numbers", json=body)

    assert answer.status_code == status
    assert codes(answer) == [code]
    assert len(numbers(bapi, user)) == 1
