import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.models import ClerkErrors

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")

DAY_MS = 24 * 3600 * 1000


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def _statuses(clerk: Clerk, status: str | None = None) -> dict[str, str]:
    wanted = None if status is None else models.ListInvitationsQueryParamStatus(status)
    found = clerk.invitations.list(status=wanted)
    return {each.email_address: each.status.value for each in found}


def test_an_invitation_is_made_listed_and_revoked(clerk: Clerk) -> None:
    created = clerk.invitations.create(
        request={
            "email_address": "Ada@Example.com",
            "public_metadata": {"team": {"name": "engines"}},
            "redirect_url": "https://example.com/welcome",
            "expires_in_days": 3,
        }
    )

    assert created is not None
    assert created.id.startswith("inv_")
    assert created.email_address == "ada@example.com"
    assert created.status.value == "pending"
    assert created.expires_at == created.created_at + 3 * DAY_MS
    assert clerk.invitations.list() == [created]

    revoked = clerk.invitations.revoke(invitation_id=created.id)

    assert revoked.status.value == "revoked"
    assert revoked.REVOKED
    assert revoked.url is None
    assert clerk.invitations.list() == []
    assert _statuses(clerk, "revoked") == {"ada@example.com": "revoked"}


def test_an_invitation_lasts_thirty_days(clerk: Clerk, control: httpx.Client) -> None:
    created = clerk.invitations.create(request={"email_address": "ada@example.com"})
    assert created is not None
    assert created.expires_at == created.created_at + 30 * DAY_MS

    control.post("/clock/advance", json={"seconds": 30 * 24 * 3600 - 60}).raise_for_status()
    assert _statuses(clerk) == {"ada@example.com": "pending"}
    control.post("/clock/advance", json={"seconds": 61}).raise_for_status()

    assert _statuses(clerk) == _statuses(clerk, "expired") == {"ada@example.com": "expired"}
    assert _statuses(clerk, "pending") == {}
    again = clerk.invitations.create(request={"email_address": "ada@example.com"})
    assert again is not None
    assert clerk.invitations.revoke(invitation_id=created.id).status.value == "revoked"


def test_nobody_is_invited_twice_unless_that_is_meant(clerk: Clerk, bapi: httpx.Client) -> None:
    first = clerk.invitations.create(request={"email_address": "ada@example.com"})
    refused = bapi.post("/invitations", json={"email_address": "ADA@example.com"})
    assert _code(refused) == (400, "duplicate_record")
    assert refused.json()["errors"][0]["meta"] == {"email_addresses": ["ada@example.com"]}

    second = clerk.invitations.create(
        request={"email_address": "ada@example.com", "ignore_existing": True}
    )

    assert first is not None
    assert second is not None
    assert second.id != first.id


def test_a_user_is_not_invited_unless_that_is_meant(clerk: Clerk) -> None:
    clerk.users.create(email_address=["ada@example.com"])

    with pytest.raises(ClerkErrors) as refusal:
        clerk.invitations.create(request={"email_address": "ada@example.com"})
    assert refusal.value.data.errors[0].code == "form_identifier_exists"

    assert clerk.invitations.create(
        request={"email_address": "ada@example.com", "ignore_existing": True}
    )


def test_many_are_invited_at_once(clerk: Clerk) -> None:
    created = clerk.invitations.bulk_create(
        request=[
            {"email_address": "ada@example.com", "public_metadata": {"n": 1}},
            {"email_address": "bob@example.com", "notify": False, "expires_in_days": None},
        ]
    )

    assert [each.email_address for each in created] == ["ada@example.com", "bob@example.com"]
    assert [each.public_metadata for each in created] == [{"n": 1}, {}]


@pytest.mark.parametrize(
    ("second", "status", "code"),
    [
        ({"email_address": "nobody"}, 422, "form_param_format_invalid"),
        ({"email_address": "invited@example.com"}, 400, "duplicate_record"),
        ({"email_address": "first@example.com"}, 400, "duplicate_record"),
        ({"email_address": "user@example.com"}, 422, "form_identifier_exists"),
        (
            {"email_address": "user@example.com", "ignore_existing": True},
            422,
            "form_identifier_exists",
        ),
        ({"email_address": "bob@example.com", "role": "x"}, 422, "form_param_unknown"),
        (
            {"email_address": "bob@example.com", "expires_in_days": 0},
            422,
            "form_param_value_invalid",
        ),
        ({}, 422, "form_param_missing"),
    ],
)
def test_many_are_invited_together_or_not_at_all(
    clerk: Clerk, bapi: httpx.Client, second: object, status: int, code: str
) -> None:
    clerk.users.create(email_address=["user@example.com"])
    clerk.invitations.create(request={"email_address": "invited@example.com"})

    refused = bapi.post("/invitations/bulk", json=[{"email_address": "first@example.com"}, second])

    assert _code(refused) == (status, code)
    assert _statuses(clerk) == {"invited@example.com": "pending"}


def test_at_most_ten_are_invited_at_once(bapi: httpx.Client) -> None:
    rows = [{"email_address": f"u{number}@example.com"} for number in range(11)]

    assert bapi.post("/invitations/bulk", json=rows[:10]).status_code == 200
    assert _code(bapi.post("/invitations/bulk", json=rows)) == (400, "bulk_size_exceeded")
    assert _code(bapi.post("/invitations/bulk", json=[])) == (422, "form_param_missing")
    assert _code(bapi.post("/invitations/bulk", json={})) == (422, "form_param_format_invalid")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "form_param_missing"),
        ({"email_address": "no address"}, "form_param_format_invalid"),
        ({"email_address": "a@example.com", "expires_in_days": 366}, "form_param_value_invalid"),
        (
            {"email_address": "a@example.com", "redirect_url": "nowhere"},
            "form_param_format_invalid",
        ),
        ({"email_address": "a@example.com", "public_metadata": []}, "form_param_format_invalid"),
        ({"email_address": "a@example.com", "template_slug": "x"}, "form_param_value_invalid"),
        (
            {"email_address": "a@example.com", "public_metadata": {"a": "x" * 9000}},
            "form_param_exceeds_allowed_size",
        ),
    ],
)
def test_what_is_no_invitation_is_refused(bapi: httpx.Client, body: object, code: str) -> None:
    assert _code(bapi.post("/invitations", json=body)) == (422, code)
    assert bapi.get("/invitations").json() == []


def test_invitations_are_found_ordered_and_cut(clerk: Clerk, bapi: httpx.Client) -> None:
    for name, days in (("carl", 1), ("ada", 3), ("bob", 2)):
        clerk.invitations.create(
            request={"email_address": f"{name}@example.com", "expires_in_days": days}
        )

    def names(query: str) -> list[str]:
        rows = bapi.get(f"/invitations?{query}").json()
        return [row["email_address"].split("@")[0] for row in rows]

    assert names("") == ["bob", "ada", "carl"]
    assert names("order_by=email_address") == ["ada", "bob", "carl"]
    assert names("order_by=-expires_at&limit=2") == ["ada", "bob"]
    assert names("query=BOB") == ["bob"]
    assert names(f"query={clerk.invitations.list()[1].id}") == ["ada"]
    page = bapi.get("/invitations?paginated=true&limit=1&offset=1").json()
    assert page["total_count"] == 3
    assert [row["email_address"] for row in page["data"]] == ["ada@example.com"]
    assert bapi.get("/invitations?status=lost").status_code == 422


def test_what_was_revoked_or_never_was_cannot_be_revoked(bapi: httpx.Client) -> None:
    created = bapi.post("/invitations", json={"email_address": "ada@example.com"}).json()
    bapi.post(f"/invitations/{created['id']}/revoke").raise_for_status()

    again = bapi.post(f"/invitations/{created['id']}/revoke")

    assert _code(again) == (400, "invitation_already_revoked")
    assert _code(bapi.post("/invitations/inv_0/revoke")) == (404, "resource_not_found")
