import httpx
import pytest
from clerk_backend_api import Clerk

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")

WALLET = "0x52908400098527886E0F7030069857D2E4169EE7"


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def test_an_allowed_identifier_comes_and_goes(clerk: Clerk, bapi: httpx.Client) -> None:
    created = clerk.allowlist_identifiers.create(request={"identifier": "Ada@Example.com"})

    assert created is not None
    assert created.id is not None
    assert created.id.startswith("alid_")
    assert created.identifier == "ada@example.com"
    assert created.invitation_id is None
    assert clerk.allowlist_identifiers.list() == [created]
    assert clerk.allowlist_identifiers.delete(identifier_id=created.id).deleted
    assert clerk.allowlist_identifiers.list() == []
    again = bapi.delete(f"/allowlist_identifiers/{created.id}")
    assert _code(again) == (404, "resource_not_found")


def test_a_blocked_identifier_comes_and_goes(clerk: Clerk, bapi: httpx.Client) -> None:
    created = clerk.blocklist_identifiers.create(request={"identifier": "*@Example.com"})

    assert created is not None
    assert created.id is not None
    assert created.id.startswith("blid_")
    assert created.identifier == "*@example.com"
    listed = clerk.blocklist_identifiers.list()
    assert (listed.data, listed.total_count) == ([created], 1)
    assert clerk.blocklist_identifiers.delete(identifier_id=created.id).deleted
    assert clerk.blocklist_identifiers.list().total_count == 0
    again = bapi.delete(f"/blocklist_identifiers/{created.id}")
    assert _code(again) == (404, "resource_not_found")


@pytest.mark.parametrize("path", ["/allowlist_identifiers", "/blocklist_identifiers"])
@pytest.mark.parametrize(
    ("identifier", "kept", "kind"),
    [
        ("ADA@example.com", "ada@example.com", "email_address"),
        ("*@example.com", "*@example.com", "email_address"),
        ("*@*.example.com", "*@*.example.com", "email_address"),
        ("ada*@example.com", "ada*@example.com", "email_address"),
        ("+1 (555) 555-0100", "+15555550100", "phone_number"),
        (WALLET, WALLET.lower(), "web3_wallet"),
        ("7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q",) * 2 + ("web3_wallet",),
    ],
)
def test_identifiers_of_every_kind_can_be_listed(
    bapi: httpx.Client, path: str, identifier: str, kept: str, kind: str
) -> None:
    created = bapi.post(path, json={"identifier": identifier}).raise_for_status().json()

    assert (created["identifier"], created["identifier_type"]) == (kept, kind)
    assert _code(bapi.post(path, json={"identifier": kept})) == (400, "duplicate_record")


@pytest.mark.parametrize("path", ["/allowlist_identifiers", "/blocklist_identifiers"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "form_param_missing"),
        ({"identifier": ""}, "form_param_missing"),
        ({"identifier": "ada"}, "form_param_format_invalid"),
        ({"identifier": "example.com"}, "form_param_format_invalid"),
        ({"identifier": "*@*"}, "form_param_format_invalid"),
        ({"identifier": "a@b*.com"}, "form_param_format_invalid"),
        ({"identifier": "+0"}, "form_param_format_invalid"),
        ({"identifier": "0x123"}, "form_param_format_invalid"),
        ({"identifier": 5}, "form_param_format_invalid"),
        ({"identifier": "ada@example.com", "reason": "x"}, "form_param_unknown"),
    ],
)
def test_what_is_no_identifier_is_not_listed(
    bapi: httpx.Client, path: str, body: object, code: str
) -> None:
    assert _code(bapi.post(path, json=body)) == (422, code)
    assert bapi.get(path).json() in ([], {"data": [], "total_count": 0})


def test_whoever_is_allowed_can_be_invited_at_once(clerk: Clerk) -> None:
    created = clerk.allowlist_identifiers.create(
        request={"identifier": "ada@example.com", "notify": True}
    )
    domain = clerk.allowlist_identifiers.create(
        request={"identifier": "*@example.com", "notify": True}
    )

    assert created is not None
    assert domain is not None
    (invitation,) = clerk.invitations.list()
    assert (created.invitation_id, invitation.email_address) == (invitation.id, "ada@example.com")
    assert domain.invitation_id is None


def test_the_allow_list_is_cut_into_pages_and_the_block_list_is_not(bapi: httpx.Client) -> None:
    for number in range(12):
        for path in ("/allowlist_identifiers", "/blocklist_identifiers"):
            bapi.post(path, json={"identifier": f"u{number}@example.com"}).raise_for_status()

    assert len(bapi.get("/allowlist_identifiers").json()) == 10
    page = bapi.get("/allowlist_identifiers?paginated=true&limit=1&offset=11").json()
    assert [row["identifier"] for row in page["data"]] == ["u0@example.com"]
    assert page["total_count"] == 12
    blocked = bapi.get("/blocklist_identifiers").json()
    assert blocked["total_count"] == len(blocked["data"]) == 12
    assert blocked["data"][0]["identifier"] == "u11@example.com"


def test_lists_come_back_with_a_snapshot(clerk: Clerk, control: httpx.Client) -> None:
    clerk.allowlist_identifiers.create(request={"identifier": "ada@example.com", "notify": True})
    clerk.blocklist_identifiers.create(request={"identifier": "*@example.org"})
    before = clerk.allowlist_identifiers.list(), clerk.blocklist_identifiers.list()
    snapshot = control.get("/snapshot").json()
    control.post("/reset").raise_for_status()

    control.put("/snapshot", json=snapshot).raise_for_status()

    assert (clerk.allowlist_identifiers.list(), clerk.blocklist_identifiers.list()) == before
