from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")

CODE = "/templates/email/verification_code"


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def _mail(control: httpx.Client) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = control.get("/mailbox").json()["data"]
    return letters


def _draft(**changes: object) -> dict[str, object]:
    return {"name": "Ours", "subject": "Code {{otp_code}}", "body": "<p>{{otp_code}}</p>"} | changes


def test_templates_are_listed_in_their_order(bapi: httpx.Client) -> None:
    page = bapi.get("/templates/email?paginated=true&limit=500").json()

    assert page["total_count"] == len(page["data"])
    assert [row["position"] for row in page["data"]] == list(range(page["total_count"]))
    assert {"verification_code", "invitation", "waitlist_invitation"} <= {
        row["slug"] for row in page["data"]
    }
    assert bapi.get("/templates/email?limit=2&offset=1").json() == page["data"][1:3]
    texts = bapi.get("/templates/sms").json()
    assert {row["template_type"] for row in texts} == {"sms"}
    assert all(row["subject"] is None for row in texts)
    assert {row["slug"] for row in texts if row["can_toggle"]} >= {"password_changed"}
    assert not any(row["can_edit_body"] for row in texts)


def test_a_template_is_changed_and_put_back(clerk: Clerk) -> None:
    where = {"template_type": "email", "slug": "verification_code"}
    before = clerk.email_sms_templates.get(**where)
    assert (before.resource_type, before.can_revert, before.instance_id) == ("system", False, None)

    changed = clerk.email_and_sms_templates.upsert(
        **where, name="Ours", subject="Code {{otp_code}}", body="<p>{{otp_code}}</p>"
    )

    assert (changed.resource_type, changed.can_revert) == ("user", True)
    assert (changed.name, changed.body) == ("Ours", "<p>{{otp_code}}</p>")
    assert clerk.email_sms_templates.get(**where) == changed
    assert clerk.email_sms_templates.list(template_type="email")[0] == changed
    assert clerk.email_sms_templates.revert(**where) == before
    assert clerk.email_sms_templates.get(**where) == before


def test_letters_are_written_with_the_template_that_holds(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    bapi.put(
        "/templates/email/invitation",
        json={
            "name": "Ours",
            "subject": "{{app.name}} & you",
            "body": "<p>{{app.name}}: {{invitation.public_metadata.team}}</p>{{action_url}}",
            "from_email_name": "hello",
            "reply_to_email_name": "help",
            "delivered_by_clerk": False,
        },
    ).raise_for_status()
    control.patch("/settings", json={"general": {"application_name": "A<B"}}).raise_for_status()

    body = {"email_address": "ada@example.com", "public_metadata": {"team": "R&D"}}
    invitation = bapi.post("/invitations", json=body).json()

    (letter,) = _mail(control)
    assert letter["subject"] == "A<B & you"
    assert letter["body"] == f"<p>A&lt;B: R&amp;D</p>{invitation['url']}"
    assert letter["body_plain"] == f"A<B: R&D\n{invitation['url']}"
    assert (letter["from_email_name"], letter["reply_to_email_name"]) == ("hello", "help")
    assert letter["delivered_by_clerk"] is False
    (event,) = [
        each
        for each in control.get("/messages").json()["data"]
        if each["event_type"] == "email.created"
    ]
    assert "A&lt;B" in event["payload"]


def test_whoever_is_invited_or_waits_gets_a_letter_if_wanted(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    for path, body in (
        ("/invitations", {"email_address": "a@example.com"}),
        ("/invitations", {"email_address": "b@example.com", "notify": False}),
        ("/waitlist_entries", {"email_address": "c@example.com"}),
        ("/waitlist_entries", {"email_address": "c@example.com"}),
        ("/waitlist_entries", {"email_address": "d@example.com", "notify": False}),
        ("/allowlist_identifiers", {"identifier": "e@example.com", "notify": True}),
        ("/allowlist_identifiers", {"identifier": "f@example.com"}),
        ("/allowlist_identifiers", {"identifier": "+15555550100", "notify": True}),
    ):
        entry = bapi.post(path, json=body).raise_for_status().json()
        if body.get("email_address") == "d@example.com":
            bapi.post(f"/waitlist_entries/{entry['id']}/invite").raise_for_status()

    sent = [
        (letter["slug"], letter.get("to_email_address") or letter["to_phone_number"])
        for letter in reversed(_mail(control))
    ]
    assert sent == [
        ("invitation", "a@example.com"),
        ("waitlist_confirmation", "c@example.com"),
        ("waitlist_invitation", "d@example.com"),
        ("invitation", "e@example.com"),
        ("invitation", "+15555550100"),
    ]


def test_who_delivers_is_said_per_template(
    bapi: httpx.Client, control: httpx.Client, clerk: Clerk
) -> None:
    off = clerk.email_sms_templates.toggle_template_delivery(
        template_type="email", slug="invitation", delivered_by_clerk=False
    )
    assert off.delivered_by_clerk is False
    bapi.post("/invitations", json={"email_address": "ada@example.com"}).raise_for_status()
    assert [letter["delivered_by_clerk"] for letter in _mail(control)] == [False]

    back = bapi.post("/templates/email/invitation/toggle_delivery").json()

    assert back["delivered_by_clerk"] is True
    assert bapi.get(CODE).json()["delivered_by_clerk"] is True


def test_the_text_of_a_message_is_clerks_while_clerk_delivers_it(bapi: httpx.Client) -> None:
    path = "/templates/sms/verification_code"
    ours = {"name": "Ours", "body": "Yours: {{otp_code}}"}

    assert _code(bapi.put(path, json=ours)) == (400, "template_body_modification_restricted")
    changed = bapi.put(path, json=ours | {"delivered_by_clerk": False}).json()

    assert (changed["body"], changed["can_edit_body"]) == ("Yours: {{otp_code}}", True)


def test_a_preview_is_filled_in_and_changes_nothing(bapi: httpx.Client, clerk: Clerk) -> None:
    before = bapi.get(CODE).json()

    clerk.templates.preview(template_type="email", slug="verification_code")
    shown = bapi.post(f"{CODE}/preview").json()
    ours = bapi.post(
        f"{CODE}/preview",
        json={"subject": "S {{otp_code}}", "body": "{{app.name}} {{otp_code}}",
              "from_email_name": "me", "reply_to_email_name": "you"},
    ).json()  # fmt: skip

    assert shown["subject"] == "424242 is your verification code"
    assert "{{" not in shown["body"]
    assert shown["from_email_address"].startswith("noreply@")
    assert shown["reply_to_email_address"] is None
    assert (ours["subject"], ours["body"]) == ("S 424242", "My Application 424242")
    assert ours["from_email_address"].startswith("me@")
    assert ours["reply_to_email_address"].startswith("you@")
    assert set(bapi.post("/templates/sms/verification_code/preview").json()) == {"body"}
    assert bapi.get(CODE).json() == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "form_param_missing"),
        (_draft(name=None), "form_param_missing"),
        (_draft(subject=None), "form_param_missing"),
        (_draft(body="<p>no code</p>"), "required_variable_missing"),
        (_draft(body="{{otp_code}"), "invalid_template_body"),
        (_draft(body="{{#if a}}{{otp_code}}"), "invalid_template_body"),
        (_draft(subject="{{"), "invalid_template_body"),
        (_draft(from_email_name="a@b"), "form_param_format_invalid"),
        (_draft(reply_to_email_name="a b"), "form_param_format_invalid"),
        (_draft(delivered_by_clerk="no"), "form_param_format_invalid"),
        (_draft(slug="x"), "form_param_unknown"),
    ],
)
def test_what_is_no_template_is_refused(bapi: httpx.Client, body: object, code: str) -> None:
    before = bapi.get(CODE).json()

    assert _code(bapi.put(CODE, json=body)) == (422, code)
    assert bapi.get(CODE).json() == before


def test_templates_that_there_are_not_are_not_found(bapi: httpx.Client) -> None:
    assert _code(bapi.get("/templates/fax")) == (400, "template_type_unsupported")
    assert _code(bapi.get("/templates/fax/verification_code")) == (400, "template_type_unsupported")
    assert _code(bapi.get("/templates/sms/magic_link_sign_in")) == (404, "resource_not_found")
    assert _code(bapi.put("/templates/email/x", json=_draft())) == (404, "resource_not_found")
    assert _code(bapi.post("/templates/email/x/preview")) == (404, "resource_not_found")
    assert _code(bapi.post(f"{CODE}/revert")) == (400, "template_revert_error")
    assert _code(bapi.post(f"{CODE}/preview", json={"body": "{{"})) == (
        422,
        "invalid_template_body",
    )


def test_templates_come_back_with_a_snapshot(bapi: httpx.Client, control: httpx.Client) -> None:
    changed = bapi.put(CODE, json=_draft()).json()
    bapi.post("/invitations", json={"email_address": "ada@example.com"}).raise_for_status()
    letters = _mail(control)
    snapshot = control.get("/snapshot").json()
    control.post("/reset").raise_for_status()
    assert bapi.get(CODE).json()["resource_type"] == "system"

    control.put("/snapshot", json=snapshot).raise_for_status()

    assert bapi.get(CODE).json() == changed
    assert _mail(control) == letters
