from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.models import ClerkErrors

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def _ticket(url: str | None) -> str:
    return parse_qs(urlsplit(url or "").query)["ticket"][0]


def _statuses(clerk: Clerk, status: str | None = None) -> dict[str, str]:
    wanted = None if status is None else models.ListInvitationsQueryParamStatus(status)
    found = clerk.invitations.list(status=wanted)
    return {each.email_address: each.status.value for each in found}


def test_a_new_user_accepts_the_invitations_to_their_address(clerk: Clerk) -> None:
    clerk.invitations.create(
        request={
            "email_address": "ada@example.com",
            "public_metadata": {"plan": "pro", "limits": {"seats": 3, "projects": 1}},
        }
    )

    user = clerk.users.create(
        email_address=["ada@example.com"], public_metadata={"limits": {"seats": 5}}
    )

    assert user.public_metadata == {"plan": "pro", "limits": {"seats": 5, "projects": 1}}
    assert _statuses(clerk) == {"ada@example.com": "accepted"}
    accepted = clerk.invitations.list()[0]
    with pytest.raises(ClerkErrors) as refusal:
        clerk.invitations.revoke(invitation_id=accepted.id)
    assert refusal.value.data.errors[0].code == "invitation_already_accepted"


def test_a_user_with_a_reserved_address_accepts_nothing(clerk: Clerk, bapi: httpx.Client) -> None:
    clerk.invitations.create(request={"email_address": "ada@example.com"})

    bapi.post(
        "/users",
        json={
            "email_address": ["ada@example.com"],
            "email_address_identification_status": ["reserved"],
        },
    ).raise_for_status()

    assert _statuses(clerk) == {"ada@example.com": "pending"}


def test_metadata_that_became_too_large_keeps_the_user_out(clerk: Clerk) -> None:
    clerk.invitations.create(
        request={"email_address": "ada@example.com", "public_metadata": {"a": "x" * 5000}}
    )

    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.create(email_address=["ada@example.com"], public_metadata={"b": "x" * 5000})

    assert refusal.value.data.errors[0].code == "form_param_exceeds_allowed_size"
    assert _statuses(clerk) == {"ada@example.com": "pending"}


def test_whoever_follows_the_link_becomes_a_user(clerk: Clerk, control: httpx.Client) -> None:
    created = clerk.invitations.create(
        request={"email_address": "ada@example.com", "public_metadata": {"plan": "pro"}}
    )
    assert created is not None

    followed = control.post(
        "/tickets/accept", json={"ticket": _ticket(created.url), "first_name": "Ada"}
    )

    assert followed.status_code == 200
    user = clerk.users.get(user_id=followed.json()["id"])
    assert (user.first_name, user.public_metadata) == ("Ada", {"plan": "pro"})
    assert _statuses(clerk) == {"ada@example.com": "accepted"}
    again = control.post("/tickets/accept", json={"ticket": _ticket(created.url)})
    assert _code(again) == (400, "invitation_already_accepted")


def test_a_user_who_follows_the_link_gets_its_metadata(clerk: Clerk, control: httpx.Client) -> None:
    user = clerk.users.create(email_address=["ada@example.com"], public_metadata={"a": 1})
    created = clerk.invitations.create(
        request={
            "email_address": "ada@example.com",
            "ignore_existing": True,
            "public_metadata": {"a": 2, "b": 3},
        }
    )
    assert created is not None

    followed = control.post(f"/invitations/{created.id}/accept").json()

    assert followed["id"] == user.id
    assert followed["public_metadata"] == {"a": 1, "b": 3}
    assert clerk.users.count().total_count == 1


def test_links_that_are_good_for_nothing_make_no_user(
    clerk: Clerk, control: httpx.Client, http: httpx.Client
) -> None:
    other = http.post("/__fake__/instances").json()["instance_id"]
    revoked = clerk.invitations.create(request={"email_address": "ada@example.com"})
    late = clerk.invitations.create(
        request={"email_address": "bob@example.com", "expires_in_days": 1}
    )
    assert revoked is not None
    assert late is not None
    clerk.invitations.revoke(invitation_id=revoked.id)
    control.post("/clock/advance", json={"seconds": 24 * 3600}).raise_for_status()

    def follow(url: str | None) -> tuple[int, str]:
        return _code(control.post("/tickets/accept", json={"ticket": _ticket(url)}))

    assert follow(revoked.url) == (400, "revoked_invitation")
    assert follow(late.url) == (400, "ticket_expired_code")
    assert follow("https://example.com/?ticket=nonsense") == (400, "ticket_invalid_code")
    elsewhere = http.post(
        f"/__fake__/instances/{other}/tickets/accept", json={"ticket": _ticket(late.url)}
    )
    assert _code(elsewhere) == (400, "ticket_invalid_code")
    http.delete(f"/__fake__/instances/{other}")
    assert clerk.users.count().total_count == 0


def test_accepted_invitations_come_back_with_a_snapshot(
    clerk: Clerk, control: httpx.Client
) -> None:
    clerk.invitations.create(request={"email_address": "ada@example.com"})
    clerk.users.create(email_address=["ada@example.com"])
    before = clerk.invitations.list()
    snapshot = control.get("/snapshot").json()
    control.post("/reset").raise_for_status()

    control.put("/snapshot", json=snapshot).raise_for_status()

    assert clerk.invitations.list() == before
