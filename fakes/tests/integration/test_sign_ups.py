from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk

PASSWORD = "analytical engine"
DAY_S = 86_400


def start(control: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = control.post("/sign_ups", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def step(control: httpx.Client, sign_up: dict[str, Any], action: str, **body: str) -> Any:
    return control.post(f"/sign_ups/{sign_up['id']}/{action}_verification", json=body)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def code_in(control: httpx.Client) -> str:
    return control.get("/mailbox").json()["data"][0]["data"]["otp_code"]


def test_a_sign_up_goes_step_by_step_and_ends_in_a_user_and_a_session(
    clerk: Clerk, control: httpx.Client
) -> None:
    sign_up = start(control, first_name="Ada", unsafe_metadata={"a": 1})
    assert sign_up["missing_fields"] == ["email_address", "password"]
    sign_up = control.patch(
        f"/sign_ups/{sign_up['id']}", json={"email_address": "Ada@Example.com"}
    ).json()
    assert sign_up["verifications"]["email_address"]["next_action"] == "needs_prepare"
    prepared = step(control, sign_up, "prepare", strategy="email_code").json()
    assert prepared["verifications"]["email_address"]["next_action"] == "needs_attempt"
    verified = step(
        control, sign_up, "attempt", strategy="email_code", code=code_in(control)
    ).json()
    assert (verified["unverified_fields"], verified["missing_fields"]) == ([], ["password"])
    assert verified["verifications"]["email_address"]["status"] == "verified"
    clerk.sign_ups.update(id=sign_up["id"], external_id="legacy-1")

    done = control.patch(f"/sign_ups/{sign_up['id']}", json={"password": PASSWORD}).json()

    assert done["status"] == "complete"
    assert clerk.sign_ups.get(id=sign_up["id"]).created_user_id == done["created_user_id"]
    user = clerk.users.get(user_id=done["created_user_id"])
    assert (user.first_name, user.external_id) == ("Ada", "legacy-1")
    assert user.unsafe_metadata == {"a": 1}
    assert user.email_addresses[0].email_address == "ada@example.com"
    assert user.email_addresses[0].verification.strategy == "email_code"
    assert clerk.users.verify_password(user_id=user.id, password=PASSWORD).verified
    session = clerk.sessions.get(session_id=done["created_session_id"])
    assert session.user_id == user.id
    client = clerk.clients.get(client_id=session.client_id)
    assert client.last_authentication_strategy == "email_code"
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    assert types == ["email.created", "user.created", "session.created"]


def test_a_wrong_code_is_refused_and_too_many_end_it(control: httpx.Client) -> None:
    sign_up = start(control, email_address="ada+clerk_test@example.com", password=PASSWORD)
    attempt = {"strategy": "email_code", "code": "000000"}

    assert refusal(step(control, sign_up, "attempt", **attempt)) == (400, "verification_not_sent")
    step(control, sign_up, "prepare", strategy="email_code")
    wrong = [refusal(step(control, sign_up, "attempt", **attempt)) for _ in range(3)]

    assert wrong == [(422, "form_code_incorrect")] * 2 + [(400, "verification_failed")]
    step(control, sign_up, "prepare", strategy="email_code")
    done = step(control, sign_up, "attempt", strategy="email_code", code="424242").json()
    assert done["status"] == "complete"


def test_a_code_expires(control: httpx.Client) -> None:
    sign_up = start(control, email_address="ada+clerk_test@example.com", password=PASSWORD)
    step(control, sign_up, "prepare", strategy="email_code")
    control.post("/clock/advance", json={"seconds": 600})

    answer = step(control, sign_up, "attempt", strategy="email_code", code="424242")

    assert refusal(answer) == (400, "verification_expired")


def test_a_replaced_address_must_be_verified_again(control: httpx.Client) -> None:
    sign_up = start(control, email_address="ada+clerk_test@example.com")
    step(control, sign_up, "prepare", strategy="email_code")
    step(control, sign_up, "attempt", strategy="email_code", code="424242")

    changed = control.patch(
        f"/sign_ups/{sign_up['id']}", json={"email_address": "else@example.com"}
    ).json()

    assert changed["unverified_fields"] == ["email_address"]


def test_by_phone_when_only_that_is_required(clerk: Clerk, control: httpx.Client) -> None:
    sign_up = start(control, phone_number="+12015550100", required_fields=["phone_number"])
    step(control, sign_up, "prepare", strategy="phone_code")

    done = step(control, sign_up, "attempt", strategy="phone_code", code="424242").json()

    user = clerk.users.get(user_id=done["created_user_id"])
    assert user.phone_numbers[0].verification.strategy == "phone_code"
    assert not user.password_enabled


def test_a_sign_up_is_abandoned_after_a_day_and_then_over(
    clerk: Clerk, control: httpx.Client, bapi: httpx.Client
) -> None:
    sign_up = start(control, username="ada_l")
    control.post("/clock/advance", json={"seconds": DAY_S})

    assert clerk.sign_ups.get(id=sign_up["id"]).status.value == "abandoned"
    for answer in (
        bapi.patch(f"/sign_ups/{sign_up['id']}", json={"custom_action": True}),
        control.patch(f"/sign_ups/{sign_up['id']}", json={"first_name": "Ada"}),
        step(control, sign_up, "prepare", strategy="email_code"),
    ):
        assert refusal(answer) == (403, "sign_up_cannot_be_updated")


def test_who_was_invited_needs_no_code_and_is_let_in_where_others_are_not(
    clerk: Clerk, control: httpx.Client
) -> None:
    control.patch("/settings", json={"general": {"sign_up_mode": "restricted"}}).raise_for_status()
    invitation = clerk.invitations.create(
        request={"email_address": "ada@example.com", "public_metadata": {"plan": "pro"}}
    )
    assert invitation is not None
    assert invitation.url is not None
    ticket = invitation.url.partition("ticket=")[2]

    outsider = control.post("/sign_ups", json={"email_address": "eve@example.com"})
    done = start(control, ticket=ticket, password=PASSWORD)
    again = control.post("/sign_ups", json={"ticket": ticket, "password": PASSWORD})

    assert refusal(outsider) == (403, "sign_up_mode_restricted")
    assert done["status"] == "complete"
    user = clerk.users.get(user_id=done["created_user_id"])
    assert user.public_metadata == {"plan": "pro"}
    assert user.email_addresses[0].verification.strategy == "ticket"
    (listed,) = clerk.invitations.list()
    assert listed.status.value == "accepted"
    assert refusal(again) == (400, "invitation_already_accepted")


def test_lists_and_rules_keep_people_out(control: httpx.Client, bapi: httpx.Client) -> None:
    bapi.post("/blocklist_identifiers", json={"identifier": "*@evil.example"}).raise_for_status()
    rules = {"blocklist": True, "block_disposable_email_domains": True}
    bapi.patch("/instance/restrictions", json=rules).raise_for_status()

    def refused(address: str) -> tuple[int, str]:
        return refusal(control.post("/sign_ups", json={"email_address": address}))

    assert refused("eve@evil.example") == (403, "not_allowed_access")
    assert refused("eve@mailinator.com") == (403, "not_allowed_access")
    assert start(control, email_address="eve@example.com")
    bapi.patch("/instance/restrictions", json={"allowlist": True, "blocklist": False})
    assert refused("eve@example.com") == (403, "not_allowed_access")
    bapi.post("/allowlist_identifiers", json={"identifier": "eve@example.com"})
    assert start(control, email_address="eve@example.com")


def test_the_waitlist_is_named_where_there_is_one(control: httpx.Client) -> None:
    control.patch("/settings", json={"general": {"sign_up_mode": "waitlist"}}).raise_for_status()

    answer = control.post("/sign_ups", json={"email_address": "eve@example.com"})

    assert refusal(answer) == (403, "sign_up_restricted_waitlist")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"email_address": "taken@example.com"}, (422, "form_identifier_exists")),
        ({"email_address": "x"}, (422, "form_param_format_invalid")),
        ({"username": "taken"}, (422, "form_identifier_exists")),
        ({"password": "short"}, (422, "form_password_length_too_short")),
        ({"locale": "en_GB"}, (422, "form_param_format_invalid")),
        ({"unsafe_metadata": {"a": "b" * 9000}}, (422, "form_param_exceeds_allowed_size")),
        ({"client_id": "client_1"}, (404, "resource_not_found")),
        ({"ticket": "a.b.c"}, (400, "ticket_invalid_code")),
        ({"nonsense": 1}, (422, "form_param_unknown")),
    ],
)
def test_what_cannot_be_signed_up_with_is_refused(
    clerk: Clerk, control: httpx.Client, body: dict[str, Any], wanted: tuple[int, str]
) -> None:
    clerk.users.create(email_address=["taken@example.com"], username="taken")

    assert refusal(control.post("/sign_ups", json=body)) == wanted


def test_a_strategy_without_an_identifier_is_refused(control: httpx.Client) -> None:
    sign_up = start(control, username="ada_l")

    answer = step(control, sign_up, "prepare", strategy="email_code")

    assert refusal(answer) == (400, "verification_strategy_invalid")


def test_an_external_id_that_a_user_has_is_refused(
    clerk: Clerk, control: httpx.Client, bapi: httpx.Client
) -> None:
    clerk.users.create(username="grace", external_id="e1")
    sign_up = start(control, username="ada_l")

    answer = bapi.patch(f"/sign_ups/{sign_up['id']}", json={"external_id": "e1"})

    assert refusal(answer) == (422, "form_identifier_exists")
