import httpx
import pytest
from clerk_backend_api import Clerk, models

TEN_MINUTES = 600


def code_of(answer: httpx.Response) -> str:
    return answer.json()["errors"][0]["code"]


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    return clerk.users.create(username="ada_l")


@pytest.fixture(params=["email_addresses", "phone_numbers"])
def path(request: pytest.FixtureRequest, bapi: httpx.Client, user: models.User) -> str:
    """An unverified e-mail address or phone number."""
    identifier = {
        "email_addresses": {"email_address": "ada@example.com"},
        "phone_numbers": {"phone_number": "+14155551234"},
    }[request.param]
    made = bapi.post(f"/{request.param}", json={"user_id": user.id, **identifier}).json()
    return f"/{request.param}/{made['id']}"


def prepare(bapi: httpx.Client, path: str) -> str:
    return bapi.post(f"{path}/prepare_verification").raise_for_status().json()["id"]


def attempt(bapi: httpx.Client, path: str, verification_id: str, code: str) -> httpx.Response:
    body = {"verification_id": verification_id, "code": code}
    return bapi.post(f"{path}/attempt_verification", json=body)


def read_code(control: httpx.Client) -> str:
    return control.get("/mailbox").json()["data"][0]["data"]["otp_code"]


def another(code: str) -> str:
    return str((int(code) + 1) % 1_000_000).zfill(6)


def test_the_code_in_the_mailbox_verifies(
    bapi: httpx.Client, control: httpx.Client, path: str
) -> None:
    verification_id = prepare(bapi, path)

    tried = attempt(bapi, path, verification_id, read_code(control)).json()

    assert (tried["status"], tried["attempts"]) == ("verified", 1)
    verification = bapi.get(path).json()["verification"]
    assert verification["object"] == "verification_otp"
    assert verification["strategy"] == tried["strategy"]
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    sent = "email.created" if "email" in path else "sms.created"
    assert types == ["user.created", "user.updated", sent, "user.updated"]


def test_a_code_is_good_once(bapi: httpx.Client, control: httpx.Client, path: str) -> None:
    verification_id = prepare(bapi, path)
    code = read_code(control)
    attempt(bapi, path, verification_id, code)

    again = attempt(bapi, path, verification_id, code)

    assert again.status_code == 400
    assert code_of(again) == "verification_already_verified"


def test_three_wrong_codes_are_too_many(
    bapi: httpx.Client, control: httpx.Client, path: str
) -> None:
    verification_id = prepare(bapi, path)
    code = read_code(control)

    tried = [attempt(bapi, path, verification_id, another(code)).json() for _ in range(3)]
    late = attempt(bapi, path, verification_id, code).json()

    assert [each["status"] for each in tried] == ["unverified", "unverified", "failed"]
    assert [each["attempts"] for each in tried] == [1, 2, 3]
    assert late == tried[-1]
    assert bapi.get(path).json()["verification"] is None


def test_a_code_expires_on_the_clock_of_the_instance(
    bapi: httpx.Client, control: httpx.Client, path: str
) -> None:
    control.put("/clock", json={"frozen": True})
    verification_id = prepare(bapi, path)
    code = read_code(control)
    control.post("/clock/advance", json={"seconds": TEN_MINUTES})

    tried = attempt(bapi, path, verification_id, code).json()

    assert tried["status"] == "expired"
    assert bapi.get(path).json()["verification"] is None


def test_a_code_is_good_until_it_expires(
    bapi: httpx.Client, control: httpx.Client, path: str
) -> None:
    control.put("/clock", json={"frozen": True})
    verification_id = prepare(bapi, path)
    control.post("/clock/advance", json={"seconds": TEN_MINUTES - 1})

    assert attempt(bapi, path, verification_id, read_code(control)).json()["status"] == "verified"


def test_a_verification_belongs_to_what_it_was_prepared_for(
    bapi: httpx.Client, control: httpx.Client, user: models.User, path: str
) -> None:
    other = bapi.post(
        "/email_addresses", json={"user_id": user.id, "email_address": "other@example.com"}
    ).json()
    verification_id = prepare(bapi, path)

    answer = attempt(bapi, f"/email_addresses/{other['id']}", verification_id, read_code(control))

    assert answer.status_code == 404


def test_what_another_user_has_claimed_meanwhile_cannot_be_verified(
    bapi: httpx.Client, control: httpx.Client, path: str, clerk: Clerk
) -> None:
    verification_id = prepare(bapi, path)
    code = read_code(control)
    clerk.users.create(email_address=["ada@example.com"], phone_number=["+14155551234"])

    answer = attempt(bapi, path, verification_id, code)

    assert answer.status_code == 422
    assert code_of(answer) == "form_identifier_exists"


def test_an_identification_that_an_administrator_verified_stays_so(
    bapi: httpx.Client, control: httpx.Client, path: str
) -> None:
    bapi.patch(path, json={"verified": True}).raise_for_status()
    verification_id = prepare(bapi, path)

    tried = attempt(bapi, path, verification_id, read_code(control)).json()

    assert tried["status"] == "verified"
    assert bapi.get(path).json()["verification"]["object"] == "verification_admin"


@pytest.mark.parametrize(
    ("noun", "identifier"),
    [
        ("email_address", "ada+clerk_test@example.com"),
        ("phone_number", "+12015550100"),
        ("phone_number", "+19995550199"),
    ],
)
def test_test_identifiers_take_the_fixed_code_and_get_no_message(
    bapi: httpx.Client, control: httpx.Client, user: models.User, noun: str, identifier: str
) -> None:
    nouns = {"email_address": "email_addresses"}.get(noun, "phone_numbers")
    made = bapi.post(f"/{nouns}", json={"user_id": user.id, noun: identifier}).json()
    path = f"/{nouns}/{made['id']}"
    verification_id = prepare(bapi, path)

    assert attempt(bapi, path, verification_id, "424243").json()["status"] == "unverified"
    assert attempt(bapi, path, verification_id, "424242").json()["status"] == "verified"
    assert control.get("/mailbox").json()["data"] == []


def test_outside_test_mode_there_is_no_fixed_code(
    bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    bapi.patch("/instance", json={"test_mode": False}).raise_for_status()
    made = bapi.post(
        "/email_addresses", json={"user_id": user.id, "email_address": "a+clerk_test@example.com"}
    ).json()
    path = f"/email_addresses/{made['id']}"
    verification_id = prepare(bapi, path)

    code = read_code(control)
    if code != "424242":
        assert attempt(bapi, path, verification_id, "424242").json()["status"] == "unverified"
    assert attempt(bapi, path, verification_id, code).json()["status"] == "verified"


def test_the_official_client_can_prepare_and_attempt(clerk: Clerk, control: httpx.Client) -> None:
    user = clerk.users.create(
        email_address=["ada@example.com"], phone_number=["+14155551234"], username="ada_l"
    )

    emailed = clerk.email_addresses.prepare_verification(
        email_address_id=user.email_addresses[0].id
    )
    by_email = clerk.email_addresses.attempt_verification(
        email_address_id=user.email_addresses[0].id,
        verification_id=emailed.id,
        code=read_code(control),
    )
    texted = clerk.phone_numbers.prepare_verification(phone_number_id=user.phone_numbers[0].id)
    by_phone = clerk.phone_numbers.attempt_verification(
        phone_number_id=user.phone_numbers[0].id,
        verification_id=texted.id,
        code=read_code(control),
    )

    assert (by_email.status, by_email.strategy) == ("verified", "email_code")
    assert (by_phone.status, by_phone.strategy) == ("verified", "phone_code")
    assert by_phone.channel == "sms"


def test_the_mailbox_is_read_by_recipient_and_kind_and_emptied(
    bapi: httpx.Client, control: httpx.Client, path: str
) -> None:
    prepare(bapi, path)
    prepare(bapi, path)
    message = control.get("/mailbox", params={"limit": 1}).json()["data"]
    to = message[0].get("to_email_address") or message[0]["to_phone_number"]

    def found(**params: str) -> int:
        return len(control.get("/mailbox", params=params).json()["data"])

    assert (found(), found(to=to), found(to="nobody")) == (2, 2, 0)
    assert (found(slug="verification_code"), found(slug="invitation")) == (2, 0)
    control.delete("/mailbox").raise_for_status()
    assert found() == 0


def test_the_previous_primary_address_is_told_when_asked_for(
    bapi: httpx.Client, control: httpx.Client, clerk: Clerk
) -> None:
    user = clerk.users.create(email_address=["old@example.com", "new@example.com"])
    new_id = user.email_addresses[1].id
    body = {"primary_email_address_id": new_id}

    bapi.patch(f"/users/{user.id}", json=body).raise_for_status()
    bapi.patch(
        f"/email_addresses/{user.email_addresses[0].id}",
        json={"primary": True, "notify_primary_email_address_changed": True},
    ).raise_for_status()
    bapi.patch(
        f"/users/{user.id}", json={**body, "notify_primary_email_address_changed": True}
    ).raise_for_status()

    told = control.get("/mailbox", params={"slug": "primary_email_address_changed"}).json()["data"]
    assert [email["to_email_address"] for email in told] == ["old@example.com", "new@example.com"]


def test_an_invitation_is_sent_unless_nobody_shall_be_notified(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    sent = bapi.post("/invitations", json={"email_address": "ada@example.com"}).json()
    bapi.post("/invitations", json={"email_address": "eve@example.com", "notify": False})

    (email,) = control.get("/mailbox", params={"slug": "invitation"}).json()["data"]

    assert email["to_email_address"] == "ada@example.com"
    assert email["data"]["action_url"] == sent["url"]
