import bcrypt
import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.models import SDKError

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
AT_MS = 1_234_567_890_000
CODE = "005924"


@pytest.fixture
def user(clerk: Clerk, control: httpx.Client) -> models.User:
    control.put("/clock", json={"now_ms": AT_MS, "frozen": True})
    hashed = bcrypt.hashpw(b"hashed-code", bcrypt.gensalt(4)).decode()
    return clerk.users.create(
        username="ada_l",
        phone_number=["+15555550100"],
        totp_secret=SECRET.lower(),
        backup_codes=["plain-code", hashed],
    )


def refused(bapi: httpx.Client, user: models.User, code: str) -> tuple[int, str]:
    answer = bapi.post(f"/users/{user.id}/verify_totp", json={"code": code})
    return answer.status_code, answer.json()["errors"][0]["code"]


def shown(bapi: httpx.Client, user: models.User) -> dict[str, object]:
    return bapi.get(f"/users/{user.id}").json()


def test_the_code_of_the_moment_is_verified_on_the_clock_of_the_instance(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    verified = clerk.users.verify_totp(user_id=user.id, code=CODE)

    assert (verified.verified, verified.code_type) == (True, models.CodeType.TOTP)
    control.post("/clock/advance", json={"seconds": 30})
    assert clerk.users.verify_totp(user_id=user.id, code=CODE).verified
    control.post("/clock/advance", json={"seconds": 30})
    assert refused(bapi, user, CODE) == (422, "totp_incorrect_code")


@pytest.mark.parametrize("code", ["plain-code", "hashed-code"])
def test_a_backup_code_is_used_up(
    clerk: Clerk, bapi: httpx.Client, user: models.User, code: str
) -> None:
    verified = clerk.users.verify_totp(user_id=user.id, code=code)

    assert verified.code_type == models.CodeType.BACKUP_CODE
    assert refused(bapi, user, code) == (422, "totp_incorrect_code")
    assert shown(bapi, user)["backup_code_enabled"]


def test_a_wrong_length_is_said_when_there_are_no_backup_codes(
    bapi: httpx.Client, clerk: Clerk, user: models.User
) -> None:
    clerk.users.delete_backup_codes(user_id=user.id)

    assert refused(bapi, user, "1234567") == (422, "totp_invalid_length")
    assert not shown(bapi, user)["backup_code_enabled"]


def test_a_user_without_factors_has_nothing_to_verify(bapi: httpx.Client, clerk: Clerk) -> None:
    user = clerk.users.create(username="grace")

    assert refused(bapi, user, CODE) == (400, "totp_disabled")


def test_the_official_client_says_what_was_wrong(clerk: Clerk, user: models.User) -> None:
    with pytest.raises(SDKError) as refusal:
        clerk.users.verify_totp(user_id=user.id, code="000000")

    assert refusal.value.status_code == 422


def test_the_times_of_switching_on_and_off_are_noted(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    assert (user.two_factor_enabled, user.totp_enabled) == (True, True)
    assert (user.mfa_enabled_at, user.mfa_disabled_at) == (AT_MS, None)
    control.post("/clock/advance", json={"seconds": 1})

    assert clerk.users.delete_totp(user_id=user.id).user_id == user.id

    after = shown(bapi, user)
    assert (after["two_factor_enabled"], after["totp_enabled"]) == (False, False)
    assert (after["mfa_enabled_at"], after["mfa_disabled_at"]) == (AT_MS, AT_MS + 1000)


def test_without_the_app_a_reserved_number_becomes_the_default_factor(
    bapi: httpx.Client, clerk: Clerk, user: models.User
) -> None:
    path = f"/phone_numbers/{user.phone_numbers[0].id}"
    reserved = bapi.patch(path, json={"reserved_for_second_factor": True}).json()
    assert not reserved["default_second_factor"]

    clerk.users.delete_totp(user_id=user.id)

    assert bapi.get(path).json()["default_second_factor"]
    assert shown(bapi, user)["two_factor_enabled"]


def test_all_factors_are_switched_off_at_once_and_told_once(
    bapi: httpx.Client, clerk: Clerk, control: httpx.Client, user: models.User
) -> None:
    path = f"/phone_numbers/{user.phone_numbers[0].id}"
    bapi.patch(path, json={"reserved_for_second_factor": True}).raise_for_status()

    for _ in range(2):
        assert clerk.users.disable_mfa(user_id=user.id).user_id == user.id

    after = shown(bapi, user)
    assert not after["two_factor_enabled"]
    assert not after["totp_enabled"]
    assert not after["backup_code_enabled"]
    assert not bapi.get(path).json()["reserved_for_second_factor"]
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    assert types == ["user.created", "user.updated", "user.updated"]


def test_a_compromised_password_can_be_marked_and_unmarked(
    clerk: Clerk, bapi: httpx.Client
) -> None:
    user = clerk.users.create(username="grace", password="analytical engine")
    session = bapi.post("/sessions", json={"user_id": user.id}).json()

    marked = clerk.users.set_password_compromised(user_id=user.id, revoke_all_sessions=True)
    unmarked = clerk.users.unset_password_compromised(user_id=user.id)

    assert marked.id == unmarked.id == user.id
    assert bapi.get(f"/sessions/{session['id']}").json()["status"] == "revoked"
    bapi.post(f"/users/{user.id}/remove_password").raise_for_status()
    answer = bapi.post(f"/users/{user.id}/password/set_compromised")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "no_password_set")
