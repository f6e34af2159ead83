"""Organizations, who is in them and as what."""

from collections.abc import Mapping
from typing import Any, Final

from walking.callers import Caller
from walking.scenarios.billing import credit
from walking.scenarios.people import LONG_AGO, LONG_AGO_MS, PIXEL
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["SCENARIOS"]


def _user(call: Caller, name: str = "ada") -> dict[str, Any]:
    made: dict[str, Any] = call("CreateUser", body={"email_address": [f"{name}@example.com"]})
    return made


def _organization(call: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    user = _user(call)
    return call("CreateOrganization", body={"name": "Acme", "created_by": user["id"]}), user


def organizations(call: Caller) -> None:
    user = _user(call)
    role_set = rows(call("ListRoleSets"))[0]["key"]
    body = {
        "name": "Acme",
        "created_by": user["id"],
        "private_metadata": {"note": "y"},
        "public_metadata": {"plan": "x"},
        "slug": "acme",
        "max_allowed_memberships": 7,
    }
    organization = call(
        "CreateOrganization", body={**body, "created_at": LONG_AGO, "role_set_key": role_set}
    )
    has(organization, {**body, "created_at": LONG_AGO_MS})
    more = {
        "include_members_count": True,
        "include_missing_member_with_elevated_permissions": True,
    }
    fetched = call("GetOrganization", organization["id"], query=more)
    has(fetched, {**body, "members_count": 1})
    call("CreateOrganization", body={"name": "Other"})
    for query in (
        {"query": "acm", **more},
        {"user_id": [user["id"]]},
        {"organization_id": [organization["id"]]},
        {"limit": 1, "offset": 1, "order_by": "-created_at"},
    ):
        assert [row["id"] for row in rows(call("ListOrganizations", query=query))] == [
            organization["id"]
        ], query
    changes = {"name": "Acme & Sons", "slug": "acme-sons", "max_allowed_memberships": 9}
    changed = call(
        "UpdateOrganization",
        organization["id"],
        body={
            **changes,
            "admin_delete_enabled": False,
            "created_at": LONG_AGO,
            "role_set_key": role_set,
        },
    )
    has(changed, {**changes, "admin_delete_enabled": False})
    merged = call(
        "MergeOrganizationMetadata",
        organization["id"],
        body={"public_metadata": {"more": "a"}, "private_metadata": {"note": None}},
    )
    has(merged, {"public_metadata": {"plan": "x", "more": "a"}, "private_metadata": {}})
    whole = {"public_metadata": {"only": "p"}, "private_metadata": {"only": "q"}}
    has(call("ReplaceOrganizationMetadata", organization["id"], body=whole), whole)
    logo = call(
        "UploadOrganizationLogo",
        organization["id"],
        body={"uploader_user_id": user["id"]},
        file=PIXEL,
    )
    has(logo, {"has_image": True})
    has(call("DeleteOrganizationLogo", organization["id"]), {"has_image": False})
    credit(call, "Organization", organization["id"])
    has(call("DeleteOrganization", organization["id"]), {"id": organization["id"], "deleted": True})


def memberships(call: Caller) -> None:
    organization, creator = _organization(call)
    grace = call(
        "CreateUser",
        body={
            "email_address": ["grace@example.com"],
            "phone_number": ["+15555550100"],
            "web3_wallet": ["0x" + "a1" * 20],
            "username": "grace_hopper",
            "first_name": "Grace",
        },
    )
    body = {"role": "org:member", "public_metadata": {"a": "b"}, "private_metadata": {"c": "d"}}
    created = call(
        "CreateOrganizationMembership", organization["id"], body={"user_id": grace["id"], **body}
    )
    has(created, body)
    page = {"limit": 1, "offset": 0, "order_by": "-created_at"}
    for query in (
        page,
        {"user_id": [grace["id"]]},
        {"email_address": ["grace@example.com"]},
        {"phone_number": ["+15555550100"]},
        {"username": ["grace_hopper"]},
        {"web3_wallet": ["0x" + "a1" * 20]},
        {"role": ["org:member"]},
        {"query": "grace"},
        {"email_address_query": "grace@"},
        {"phone_number_query": "5555"},
        {"username_query": "hopper"},
        {"name_query": "Grace"},
    ):
        found = rows(call("ListOrganizationMemberships", organization["id"], query=query))
        assert found == [created], query
    for query in (
        {"last_active_at_before": 1},
        {"last_active_at_after": 9_000_000_000_000},
        {"created_at_before": 1},
        {"created_at_after": 9_000_000_000_000},
    ):
        assert rows(call("ListOrganizationMemberships", organization["id"], query=query)) == []
    everywhere = call("InstanceGetOrganizationMemberships", query=page)
    assert rows(everywhere) == [created]
    changed = call(
        "UpdateOrganizationMembership",
        organization["id"],
        grace["id"],
        body={"role": "org:admin"},
    )
    has(changed, {"role": "org:admin"})
    merged = call(
        "UpdateOrganizationMembershipMetadata",
        organization["id"],
        grace["id"],
        body={"public_metadata": {"e": "f"}, "private_metadata": {"c": None}},
    )
    has(merged, {"public_metadata": {"a": "b", "e": "f"}, "private_metadata": {}})
    gone = call("DeleteOrganizationMembership", organization["id"], grace["id"])
    has(gone, {"id": created["id"]})
    left = rows(call("ListOrganizationMemberships", organization["id"]))
    assert [row["public_user_data"]["user_id"] for row in left] == [creator["id"]]


def invitations(call: Caller) -> None:
    organization, creator = _organization(call)
    body = {
        "email_address": "invited@example.com",
        "role": "org:member",
        "public_metadata": {"a": "b"},
        "private_metadata": {"c": "d"},
    }
    more = {
        "inviter_user_id": creator["id"],
        "redirect_url": "https://app.example/join",
        "expires_in_days": 3,
        "notify": False,
    }
    invitation = call("CreateOrganizationInvitation", organization["id"], body={**body, **more})
    has(invitation, {**body, "status": "pending"})
    fetched = call("GetOrganizationInvitation", organization["id"], invitation["id"])
    has(fetched, {**body, "id": invitation["id"]})
    page = {"limit": 1, "offset": 0}
    for query in (
        {**page, "order_by": "-created_at"},
        {"status": "pending"},
        {"email_address": "invited@example.com"},
    ):
        found = rows(call("ListOrganizationInvitations", organization["id"], query=query))
        assert [row["id"] for row in found] == [invitation["id"]], query
    pending = call("ListPendingOrganizationInvitations", organization["id"], query=page)
    assert [row["id"] for row in rows(pending)] == [invitation["id"]]
    for query in (
        {**page, "order_by": "-created_at"},
        {"status": "pending"},
        {"query": "invited"},
    ):
        found = rows(call("ListInstanceOrganizationInvitations", query=query))
        assert [row["id"] for row in found] == [invitation["id"]], query
    several = [{**body, **more, "email_address": f"{name}@example.com"} for name in ("one", "two")]
    bulk = rows(call("CreateOrganizationInvitationBulk", organization["id"], body=several))
    assert {row["email_address"] for row in bulk} == {"one@example.com", "two@example.com"}
    revoked = call(
        "RevokeOrganizationInvitation",
        organization["id"],
        invitation["id"],
        body={"requesting_user_id": creator["id"]},
    )
    has(revoked, {"id": invitation["id"], "status": "revoked"})


def domains(call: Caller) -> None:
    organization, _ = _organization(call)
    call("UpdateInstanceOrganizationSettings", body={"enabled": True, "domains_enabled": True})
    body = {"name": "acme.example", "enrollment_mode": "manual_invitation"}
    domain = call("CreateOrganizationDomain", organization["id"], body={**body, "verified": True})
    has(domain, body)
    page = {"limit": 1, "offset": 0}
    for query in (page, {"verified": "true"}, {"enrollment_mode": "manual_invitation"}):
        found = rows(call("ListOrganizationDomains", organization["id"], query=query))
        assert [row["id"] for row in found] == [domain["id"]], query
    for query in (
        {**page, "order_by": "-created_at"},
        {"organization_id": organization["id"]},
        {"verified": "true"},
        {"enrollment_mode": ["manual_invitation"]},
        {"query": "acme"},
        {"domains": ["acme.example"]},
    ):
        found = rows(call("ListAllOrganizationDomains", query=query))
        assert [row["id"] for row in found] == [domain["id"]], query
    changed = call(
        "UpdateOrganizationDomain",
        organization["id"],
        domain["id"],
        body={"enrollment_mode": "automatic_invitation", "verified": True},
    )
    has(changed, {"enrollment_mode": "automatic_invitation"})
    other = call(
        "CreateOrganizationDomain",
        organization["id"],
        body={"name": "other.example", "enrollment_mode": "manual_invitation", "verified": False},
    )
    verified = call("VerifyOrganizationDomainOwnership", organization["id"], other["id"])
    has(verified, {"id": other["id"]})
    gone = call("DeleteOrganizationDomain", organization["id"], domain["id"])
    has(gone, {"id": domain["id"], "deleted": True})


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "Organizations": organizations,
    "Organization Memberships": memberships,
    "Organization Invitations": invitations,
    "Organization Domains": domains,
}
