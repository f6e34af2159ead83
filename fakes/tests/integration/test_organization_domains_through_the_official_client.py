import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk, models

Own = Callable[..., dict[str, Any]]

# The client's own models of domains have a deprecated part.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


@pytest.fixture
def acme(clerk: Clerk) -> models.Organization:
    boss = clerk.users.create(email_address=["boss@elsewhere.example"])
    return clerk.organizations.create(request={"name": "Acme", "created_by": boss.id})


@pytest.fixture
def path(acme: models.Organization) -> str:
    return f"/organizations/{acme.id}/domains"


@pytest.fixture
def own(bapi: httpx.Client, path: str) -> Own:
    """Give Acme a domain."""

    def owned(name: str, **more: object) -> dict[str, Any]:
        return bapi.post(path, json={"name": name, **more}).raise_for_status().json()

    return owned


def told(control: httpx.Client, event_type: str) -> list[dict[str, Any]]:
    messages = control.get("/messages", params={"type": event_type}).json()["data"]
    return [json.loads(message["payload"])["data"] for message in messages]


def code(answer: httpx.Response) -> str:
    assert answer.is_client_error, answer.text
    return answer.json()["errors"][0]["code"]


def test_a_domain_comes_changes_and_goes(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, control: httpx.Client
) -> None:
    names = {"organization_id": acme.id}

    created = clerk.organization_domains.create(
        **names, name="Acme.Example", enrollment_mode="automatic_suggestion"
    )

    assert created.id.startswith("orgdmn_")
    assert (created.name, created.enrollment_mode.value) == ("acme.example", "automatic_suggestion")
    assert created.organization_id == created.public_organization_data.id == acme.id
    assert created.affiliation_verification.status == created.verification.status == "verified"
    assert created.ownership_verification is None
    assert clerk.organization_domains.list(**names).data == [created]
    assert clerk.organization_domains.list_all().data == [created]
    changed = clerk.organization_domains.update(
        **names, domain_id=created.id, enrollment_mode="manual_invitation"
    )
    assert (changed.enrollment_mode.value, changed.verification.status) == (
        "manual_invitation", "verified",
    )  # fmt: skip
    deleted = clerk.organization_domains.delete(**names, domain_id=created.id)
    assert (deleted.id, deleted.deleted) == (created.id, True)
    assert bapi.get("/organization_domains").json() == {"data": [], "total_count": 0}
    for what in ("created", "updated", "deleted"):
        (event,) = told(control, f"organizationDomain.{what}")
        assert event["id"] == created.id


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "form_param_missing"),
        ({"name": "acme"}, "form_param_format_invalid"),
        ({"name": "https://acme.example"}, "form_param_format_invalid"),
        ({"name": "a..b"}, "form_param_format_invalid"),
        ({"name": "-a.example"}, "form_param_format_invalid"),
        ({"name": "a.example/x"}, "form_param_format_invalid"),
        ({"name": f"{'a' * 64}.example"}, "form_param_format_invalid"),
        ({"name": "GMAIL.com"}, "organization_domain_common"),
        ({"name": "mailinator.com"}, "organization_domain_blocked"),
        ({"name": "a.example", "enrollment_mode": "luck"}, "form_param_value_invalid"),
        ({"name": "a.example", "verified": "yes"}, "form_param_format_invalid"),
        ({"name": "a.example", "colour": "red"}, "form_param_unknown"),
    ],
)
def test_what_is_no_domain_of_an_organization_is_refused(
    bapi: httpx.Client, path: str, body: dict[str, object], expected: str
) -> None:
    answer = bapi.post(path, json=body)

    assert (answer.status_code, code(answer)) == (422, expected)
    assert bapi.get(path).json()["total_count"] == 0


def test_only_one_organization_has_verified_a_domain(
    clerk: Clerk, bapi: httpx.Client, path: str, own: Own
) -> None:
    other = f"/organizations/{clerk.organizations.create(request={'name': 'Other'}).id}/domains"
    first = own("acme.example")

    same_again = bapi.post(path, json={"name": "acme.example", "verified": False})
    theirs = bapi.post(other, json={"name": "acme.example"})
    waiting = bapi.post(other, json={"name": "acme.example", "verified": False}).json()
    too_early = bapi.patch(f"{other}/{waiting['id']}", json={"verified": True})

    for answer in (same_again, theirs, too_early):
        assert (answer.status_code, code(answer)) == (422, "organization_domain_already_exists")
    assert waiting["verification"] is None
    given_up = bapi.patch(f"{path}/{first['id']}", json={"verified": False}).json()
    assert given_up["affiliation_verification"] is None
    taken = bapi.patch(f"{other}/{waiting['id']}", json={"verified": True}).json()
    assert taken["verification"]["status"] == "verified"


def test_ownership_is_verified_once(
    clerk: Clerk, acme: models.Organization, own: Own, control: httpx.Client
) -> None:
    domain = own("acme.example", verified=False)
    names = {"organization_id": acme.id, "domain_id": domain["id"]}

    once = clerk.organization_domains.verify_ownership(**names)
    twice = clerk.organization_domains.verify_ownership(**names)

    assert once == twice
    assert once.ownership_verification.strategy == "manual_override"
    assert once.ownership_verification.status == "verified"
    assert once.ownership_verification.verified_at == once.updated_at
    assert once.affiliation_verification is None
    assert len(told(control, "organizationDomain.updated")) == 1


def test_settings_say_which_domains_and_modes_there_may_be(
    bapi: httpx.Client, path: str, own: Own, control: httpx.Client
) -> None:
    domain = own("acme.example")
    settings = "/instance/organization_settings"
    bapi.patch(settings, json={"domains_enrollment_modes": ["automatic_suggestion"]})
    body = {"name": "b.example", "enrollment_mode": "automatic_invitation"}

    creating = bapi.post(path, json=body)
    changing = bapi.patch(
        f"{path}/{domain['id']}", json={"enrollment_mode": "automatic_invitation"}
    )

    for answer in (creating, changing):
        assert answer.status_code == 403
        assert code(answer) == "organization_domain_enrollment_mode_not_enabled"
    own("c.example", enrollment_mode="manual_invitation")
    own("d.example", enrollment_mode="enterprise_sso")
    control.patch("/settings", json={"organizations": {"max_allowed_domains": 3}})
    full = bapi.post(path, json={"name": "e.example"})
    assert (full.status_code, code(full)) == (403, "organization_domain_quota_exceeded")
    bapi.patch(settings, json={"domains_enabled": False}).raise_for_status()
    off = bapi.post(path, json={"name": "e.example"})
    assert (off.status_code, code(off)) == (403, "organization_domains_not_enabled")


def test_domains_are_found_by_what_they_are(
    clerk: Clerk, bapi: httpx.Client, path: str, own: Own
) -> None:
    own("b.example", enrollment_mode="automatic_invitation")
    own("a.example", verified=False)
    other = clerk.organizations.create(request={"name": "Other"})
    bapi.post(
        f"/organizations/{other.id}/domains",
        json={"name": "c.test", "enrollment_mode": "enterprise_sso"},
    ).raise_for_status()

    def found(query: str, url: str = "/organization_domains") -> list[str]:
        rows = bapi.get(f"{url}?{query}").raise_for_status().json()["data"]
        return [row["name"] for row in rows]

    assert found("") == ["c.test", "a.example", "b.example"]
    assert found("order_by=name&limit=2") == ["a.example", "b.example"]
    assert found("verified=false") == ["a.example"]
    assert found("enrollment_mode=automatic_invitation,enterprise_sso") == ["c.test", "b.example"]
    assert found("enrollment_mode=-enterprise_sso") == ["a.example", "b.example"]
    assert found("enrollment_mode=-enterprise_sso&enrollment_mode=manual_invitation") == [
        "a.example"
    ]
    assert found("query=EXAMPLE&order_by=-name") == ["b.example", "a.example"]
    assert found(f"query={other.id}") == ["c.test"]
    assert found(f"query={other.id[:-1]}") == []
    assert found(f"organization_id={other.id}") == ["c.test"]
    assert found("domains=a.example&domains=c.test") == ["c.test", "a.example"]
    assert found("verified=true", path) == ["b.example"]
    assert found("enrollment_mode=-automatic_invitation", path) == ["a.example"]
    for query in ("verified=maybe", "enrollment_mode=luck", "query=%20", "query=", "order_by=mode"):
        assert bapi.get(f"/organization_domains?{query}").status_code == 422, query


def test_a_domain_belongs_to_its_organization(clerk: Clerk, bapi: httpx.Client, own: Own) -> None:
    domain = own("acme.example")
    other = clerk.organizations.create(request={"name": "Other"})

    for method in ("PATCH", "DELETE"):
        answer = bapi.request(method, f"/organizations/{other.id}/domains/{domain['id']}")
        assert (answer.status_code, code(answer)) == (404, "resource_not_found")
    assert bapi.get("/organizations/org_none/domains").status_code == 404


def test_who_signs_up_at_a_domain_is_invited_and_may_come_in(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, own: Own, control: httpx.Client
) -> None:
    own("acme.example", enrollment_mode="automatic_invitation")

    grace = clerk.users.create(email_address=["grace@acme.example"])
    clerk.users.create(email_address=["grace@other.example"])

    (invitation,) = clerk.users.get_organization_invitations(user_id=grace.id).data
    assert (invitation.email_address, invitation.role) == ("grace@acme.example", "org:member")
    by_hand = bapi.get(f"/organizations/{acme.id}/invitations").json()
    assert by_hand["total_count"] == 0
    (domain,) = clerk.organization_domains.list(organization_id=acme.id).data
    assert (domain.total_pending_invitations, domain.total_pending_suggestions) == (1, 0)
    assert [event["id"] for event in told(control, "organizationInvitation.created")] == [
        invitation.id
    ]
    assert told(control, "email.created") == []
    control.post(f"/organization_invitations/{invitation.id}/accept").raise_for_status()
    members = clerk.organization_memberships.list(organization_id=acme.id, user_id=[grace.id])
    assert members.total_count == 1
    (domain,) = clerk.organization_domains.list(organization_id=acme.id).data
    assert domain.total_pending_invitations == 0


def test_who_adds_an_address_at_a_domain_is_invited_once_it_is_verified(
    clerk: Clerk, acme: models.Organization, own: Own
) -> None:
    own("acme.example", enrollment_mode="automatic_invitation")
    user = clerk.users.create(email_address=["grace@other.example"])

    def invited() -> int:
        (domain,) = clerk.organization_domains.list(organization_id=acme.id).data
        return domain.total_pending_invitations

    address = clerk.email_addresses.create(
        request={"user_id": user.id, "email_address": "grace@acme.example", "verified": False}
    )
    assert invited() == 0
    clerk.email_addresses.update(email_address_id=address.id, verified=True)
    assert invited() == 1
    clerk.email_addresses.update(email_address_id=address.id, primary=True)
    assert invited() == 1


def test_a_domain_suggests_its_organization_when_it_is_so_set_up(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, own: Own, control: httpx.Client
) -> None:
    domain = own("acme.example", enrollment_mode="automatic_suggestion")
    unverified = own("new.example", enrollment_mode="automatic_suggestion", verified=False)
    grace = clerk.users.create(email_address=["grace@acme.example"])
    clerk.users.create(email_address=["alan@acme.example", "alan@new.example"])

    def suggested(domain_id: str) -> int:
        rows = bapi.get(f"/organizations/{acme.id}/domains").json()["data"]
        return next(row["total_pending_suggestions"] for row in rows if row["id"] == domain_id)

    assert suggested(domain["id"]) == 2
    assert suggested(unverified["id"]) == 0
    clerk.users.delete(user_id=grace.id)
    assert suggested(domain["id"]) == 1
    bapi.delete(f"/organizations/{acme.id}/domains/{domain['id']}").raise_for_status()
    assert control.get("/snapshot").json()["state"]["organization_suggestions"] == []
    assert clerk.organization_memberships.list(organization_id=acme.id).total_count == 1


def test_a_full_organization_invites_nobody_by_itself(
    clerk: Clerk, acme: models.Organization, own: Own
) -> None:
    own("acme.example", enrollment_mode="automatic_invitation")
    clerk.organizations.update(organization_id=acme.id, max_allowed_memberships=2)

    for name in "ab":
        clerk.users.create(email_address=[f"{name}@acme.example"])

    (domain,) = clerk.organization_domains.list(organization_id=acme.id).data
    assert domain.total_pending_invitations == 1


def test_what_a_domain_made_ends_with_it_and_it_ends_with_its_organization(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, own: Own, control: httpx.Client
) -> None:
    first = own("acme.example", enrollment_mode="automatic_invitation")
    own("other.example")
    clerk.users.create(email_address=["grace@acme.example"])

    clerk.organization_domains.delete(organization_id=acme.id, domain_id=first["id"])
    clerk.organizations.delete(organization_id=acme.id)

    (event,) = told(control, "organizationInvitation.revoked")
    assert event["email_address"] == "grace@acme.example"
    assert bapi.get("/organization_domains").json()["total_count"] == 0
    assert len(told(control, "organizationDomain.deleted")) == 2
    types = [row["event_type"] for row in control.get("/messages").json()["data"]]
    assert types[-1] == "organization.deleted"
