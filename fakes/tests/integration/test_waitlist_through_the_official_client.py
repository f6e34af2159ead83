import httpx
import pytest
from clerk_backend_api import Clerk, models

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def _told(control: httpx.Client) -> list[str]:
    messages = control.get("/messages").json()["data"]
    return [each["event_type"] for each in messages if each["event_type"].startswith("waitlist")]


def _join(clerk: Clerk, address: str) -> models.WaitlistEntry:
    entry = clerk.waitlist_entries.create(request={"email_address": address})
    assert entry is not None
    return entry


def test_somebody_who_waits_is_on_the_list_once(clerk: Clerk, control: httpx.Client) -> None:
    entry = _join(clerk, "Ada@Example.com")

    assert entry.id.startswith("wle_")
    assert (entry.email_address, entry.status.value) == ("ada@example.com", "pending")
    assert not entry.is_locked
    assert entry.invitation is None
    assert _join(clerk, "ada@example.com") == entry
    assert clerk.waitlist_entries.list().data == [entry]
    assert _told(control) == ["waitlistEntry.created"]


def test_whoever_is_invited_and_comes_is_done(clerk: Clerk, control: httpx.Client) -> None:
    entry = _join(clerk, "ada@example.com")

    invited = clerk.waitlist_entries.invite(waitlist_entry_id=entry.id)

    assert invited.status.value == "invited"
    (invitation,) = clerk.invitations.list()
    assert invited.invitation is not None
    assert (invited.invitation.id, invited.invitation.status.value) == (invitation.id, "pending")

    clerk.users.create(email_address=["ada@example.com"])

    (done,) = clerk.waitlist_entries.list().data
    assert done.status.value == "completed"
    assert done.invitation is not None
    assert done.invitation.status.value == "accepted"
    assert _told(control) == ["waitlistEntry.created", *["waitlistEntry.updated"] * 2]


def test_whoever_is_turned_away_can_be_let_in_later(clerk: Clerk) -> None:
    entry = _join(clerk, "ada@example.com")
    clerk.waitlist_entries.invite(waitlist_entry_id=entry.id)

    rejected = clerk.waitlist_entries.reject(waitlist_entry_id=entry.id)

    assert rejected.status.value == "rejected"
    assert rejected.invitation is not None
    assert rejected.invitation.status.value == "revoked"
    again = clerk.waitlist_entries.invite(waitlist_entry_id=entry.id)
    assert again.status.value == "invited"
    assert again.invitation is not None
    assert again.invitation.id != rejected.invitation.id


def test_only_who_still_waits_can_be_forgotten(clerk: Clerk, bapi: httpx.Client) -> None:
    waiting = _join(clerk, "ada@example.com")
    assert clerk.waitlist_entries.delete(waitlist_entry_id=waiting.id).deleted
    assert clerk.waitlist_entries.list().total_count == 0

    rejected = _join(clerk, "bob@example.com")
    clerk.waitlist_entries.reject(waitlist_entry_id=rejected.id)
    refused = bapi.delete(f"/waitlist_entries/{rejected.id}")

    assert _code(refused) == (409, "waitlist_entry_already_rejected")
    assert _code(bapi.delete("/waitlist_entries/wle_0")) == (404, "resource_not_found")


def test_no_move_is_made_that_is_not_in_the_table(clerk: Clerk, bapi: httpx.Client) -> None:
    entry = _join(clerk, "ada@example.com")
    path = f"/waitlist_entries/{entry.id}"

    bapi.post(f"{path}/invite").raise_for_status()
    assert _code(bapi.post(f"{path}/invite")) == (409, "waitlist_entry_already_invited")
    assert _code(bapi.delete(path)) == (409, "waitlist_entry_already_invited")
    bapi.post(f"{path}/reject").raise_for_status()
    assert _code(bapi.post(f"{path}/reject")) == (409, "waitlist_entry_already_rejected")
    bapi.post(f"{path}/invite").raise_for_status()
    clerk.users.create(email_address=["ada@example.com"])
    assert _code(bapi.post(f"{path}/invite")) == (409, "waitlist_entry_already_completed")
    assert _code(bapi.post(f"{path}/reject")) == (409, "waitlist_entry_already_completed")
    assert _code(bapi.delete(path)) == (409, "waitlist_entry_already_completed")


def test_a_locked_entry_stays_as_it_is(bapi: httpx.Client, control: httpx.Client) -> None:
    created = bapi.post("/waitlist_entries", json={"email_address": "ada@example.com"}).json()
    snapshot = control.get("/snapshot").json()
    snapshot["state"]["waitlist_entries"][0]["is_locked"] = True
    control.put("/snapshot", json=snapshot).raise_for_status()
    path = f"/waitlist_entries/{created['id']}"

    for refused in (bapi.post(f"{path}/invite"), bapi.post(f"{path}/reject"), bapi.delete(path)):
        assert _code(refused) == (409, "waitlist_entry_locked")
    assert bapi.get("/waitlist_entries").json()["data"] == [created | {"is_locked": True}]


def test_who_is_invited_otherwise_is_not_invited_twice(clerk: Clerk, bapi: httpx.Client) -> None:
    entry = _join(clerk, "ada@example.com")
    clerk.invitations.create(request={"email_address": "ada@example.com"})

    refused = bapi.post(f"/waitlist_entries/{entry.id}/invite")

    assert _code(refused) == (400, "duplicate_record")
    assert clerk.waitlist_entries.list().data == [entry]
    invited = clerk.waitlist_entries.invite(waitlist_entry_id=entry.id, ignore_existing=True)
    assert invited.status.value == "invited"


def test_many_are_put_on_the_list_at_once(clerk: Clerk) -> None:
    ada = _join(clerk, "ada@example.com")

    entries = clerk.waitlist_entries.bulk_create(
        request=[
            {"email_address": "ADA@example.com"},
            {"email_address": "bob@example.com", "notify": False},
        ]
    )

    assert entries[0] == ada
    assert [entry.email_address for entry in entries] == ["ada@example.com", "bob@example.com"]
    assert clerk.waitlist_entries.list().total_count == 2


@pytest.mark.parametrize(
    ("rows", "status", "code"),
    [
        (["bob@example.com", "BOB@example.com"], 422, "form_param_duplicate"),
        (["bob@example.com", "nobody"], 422, "form_param_format_invalid"),
        ([f"u{number}@example.com" for number in range(51)], 400, "bulk_size_exceeded"),
        ([], 422, "form_param_missing"),
    ],
)
def test_many_are_put_on_the_list_together_or_not_at_all(
    bapi: httpx.Client, rows: list[str], status: int, code: str
) -> None:
    body = [{"email_address": address} for address in rows]

    assert _code(bapi.post("/waitlist_entries/bulk", json=body)) == (status, code)
    assert bapi.get("/waitlist_entries").json() == {"data": [], "total_count": 0}


def test_entries_are_found_ordered_and_cut(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True}).raise_for_status()
    for name in ("carl", "ada", "bob"):
        entry = _join(clerk, f"{name}@example.com")
        control.post("/clock/advance", json={"seconds": 1}).raise_for_status()
        if name != "bob":
            clerk.waitlist_entries.invite(waitlist_entry_id=entry.id)

    def names(query: str) -> list[str]:
        rows = bapi.get(f"/waitlist_entries?{query}").json()["data"]
        return [row["email_address"].split("@")[0] for row in rows]

    assert names("") == ["bob", "ada", "carl"]
    assert names("order_by=%2Bcreated_at&limit=2") == ["carl", "ada"]
    assert names("order_by=email_address") == ["ada", "bob", "carl"]
    assert names("order_by=-invited_at") == ["ada", "carl", "bob"]
    assert names("status=invited") == ["ada", "carl"]
    assert names("query=BO") == ["bob"]
    assert bapi.get("/waitlist_entries?status=lost").status_code == 422
    assert bapi.get("/waitlist_entries?order_by=status").status_code == 422


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "form_param_missing"),
        ({"email_address": "nobody"}, "form_param_format_invalid"),
        ({"email_address": "a@example.com", "notify": "x"}, "form_param_format_invalid"),
        ({"email_address": "a@example.com", "place": 1}, "form_param_unknown"),
    ],
)
def test_what_is_no_entry_is_refused(bapi: httpx.Client, body: object, code: str) -> None:
    assert _code(bapi.post("/waitlist_entries", json=body)) == (422, code)
