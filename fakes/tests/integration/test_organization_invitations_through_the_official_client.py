import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
from clerk_backend_api import Clerk, models

DAY_S = 24 * 60 * 60
DAY_MS = DAY_S * 1000

Invite = Callable[..., dict[str, Any]]


@pytest.fixture
def boss(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["boss@example.com"], first_name="Bea")


@pytest.fixture
def acme(clerk: Clerk, boss: models.User) -> models.Organization:
    return clerk.organizations.create(request={"name": "Acme", "created_by": boss.id})


@pytest.fixture
def path(acme: models.Organization) -> str:
    return f"/organizations/{acme.id}/invitations"


@pytest.fixture
def invite(bapi: httpx.Client, path: str) -> Invite:
    """Invite somebody to Acme as a member."""

    def invited(address: str, **more: object) -> dict[str, Any]:
        body = {"email_address": address, "role": "org:member", **more}
        return bapi.post(path, json=body).raise_for_status().json()

    return invited


def told(control: httpx.Client, event_type: str) -> list[dict[str, Any]]:
    messages = control.get("/messages", params={"type": event_type}).json()["data"]
    return [json.loads(message["payload"])["data"] for message in messages]


def code(answer: httpx.Response) -> str:
    assert answer.is_client_error, answer.text
    return answer.json()["errors"][0]["code"]


def accept(control: httpx.Client, invitation: dict[str, Any], **newcomer: str) -> httpx.Response:
    return control.post(f"/organization_invitations/{invitation['id']}/accept", json=newcomer)


def test_an_invitation_comes_back_equal_from_get_and_from_all_lists(
    clerk: Clerk, acme: models.Organization, boss: models.User, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    created = clerk.organization_invitations.create(
        organization_id=acme.id,
        email_address="Grace@Example.com",
        role="org:member",
        inviter_user_id=boss.id,
        public_metadata={"desk": 4},
        private_metadata={"salary": 1},
        redirect_url="https://app.example/join",
        expires_in_days=3,
    )

    assert created.id.startswith("orginv_")
    assert (created.email_address, created.status) == ("grace@example.com", "pending")
    assert (created.role, created.role_name) == ("org:member", "Member")
    assert created.expires_at == created.created_at + 3 * DAY_MS
    assert created.inviter_id == created.public_inviter_data.user_id == boss.id
    assert created.public_inviter_data.identifier == "boss@example.com"
    assert (created.public_metadata, created.private_metadata) == ({"desk": 4}, {"salary": 1})
    names = {"organization_id": acme.id}
    assert clerk.organization_invitations.get(**names, invitation_id=created.id) == created
    assert clerk.organization_invitations.list(**names).data == [created]
    everywhere = clerk.organization_invitations.get_all().data
    assert [row.id for row in everywhere] == [created.id]
    assert everywhere[0].public_organization_data.slug == acme.slug
    (event,) = told(control, "organizationInvitation.created")
    assert (event["id"], event["data"]["public_organization_data"]["id"]) == (created.id, acme.id)


def test_an_invitation_lasts_thirty_days_unless_said(invite: Invite, control: httpx.Client) -> None:
    control.put("/clock", json={"frozen": True})

    invitation = invite("grace@example.com")

    assert invitation["expires_at"] - invitation["created_at"] == 30 * DAY_MS
    assert (invitation["inviter_id"], invitation["public_inviter_data"]) == (None, None)


def test_an_invitation_is_over_when_its_time_comes_to_the_millisecond(
    bapi: httpx.Client, path: str, invite: Invite, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    invitation = invite("grace@example.com", expires_in_days=1)

    control.put("/clock", json={"now_ms": invitation["expires_at"] - 1})
    before = bapi.get(f"{path}/{invitation['id']}").json()
    control.put("/clock", json={"now_ms": invitation["expires_at"]})
    after = bapi.get(f"{path}/{invitation['id']}").json()

    assert (before["status"], before["url"]) == ("pending", invitation["url"])
    assert (after["status"], after["url"]) == ("expired", None)


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"email_address": None}, 422, "form_param_missing"),
        ({"email_address": "nobody"}, 422, "form_param_format_invalid"),
        ({"role": None}, 422, "form_param_missing"),
        ({"role": "org:none"}, 404, "resource_not_found"),
        ({"inviter_user_id": "user_none"}, 404, "resource_not_found"),
        ({"redirect_url": "join"}, 422, "form_param_format_invalid"),
        ({"expires_in_days": 0}, 422, "form_param_value_invalid"),
        ({"expires_in_days": 366}, 422, "form_param_value_invalid"),
        ({"notify": "yes"}, 422, "form_param_format_invalid"),
        ({"public_metadata": {"a": "x" * 9000}}, 422, "form_param_exceeds_allowed_size"),
        ({"colour": "red"}, 422, "form_param_unknown"),
        ({"email_address": "boss@example.com"}, 400, "already_a_member_in_organization"),
    ],
)
def test_what_is_no_invitation_is_refused_alone_and_in_bulk(
    bapi: httpx.Client, path: str, change: dict[str, object], status: int, expected: str
) -> None:
    good = {"email_address": "grace@example.com", "role": "org:member"}

    alone = bapi.post(path, json={**good, **change})
    in_bulk = bapi.post(f"{path}/bulk", json=[good, {**good, "email_address": "b@b.co", **change}])

    for answer in (alone, in_bulk):
        assert (answer.status_code, code(answer)) == (status, expected)
    assert bapi.get(path).json()["total_count"] == 0


def test_only_who_may_manage_members_may_invite_and_revoke(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, path: str, invite: Invite
) -> None:
    stranger = clerk.users.create(email_address=["stranger@example.com"])
    plain = clerk.users.create(email_address=["plain@example.com"])
    clerk.organization_memberships.create(
        organization_id=acme.id, user_id=plain.id, role="org:member"
    )
    invitation = invite("grace@example.com")
    body = {"email_address": "alan@example.com", "role": "org:member"}

    for user, expected in (
        (stranger, "not_a_member_in_organization"),
        (plain, "missing_organization_permission"),
    ):
        inviting = bapi.post(path, json={**body, "inviter_user_id": user.id})
        revoking = bapi.post(
            f"{path}/{invitation['id']}/revoke", json={"requesting_user_id": user.id}
        )
        for answer in (inviting, revoking):
            assert (answer.status_code, code(answer)) == (403, expected)


def test_an_address_is_invited_once_until_the_first_invitation_is_over(
    bapi: httpx.Client, path: str, invite: Invite, control: httpx.Client
) -> None:
    first = invite("grace@example.com", expires_in_days=1)
    body = {"email_address": "GRACE@example.com", "role": "org:member"}

    again = bapi.post(path, json=body)
    twice = bapi.post(
        f"{path}/bulk", json=[{**body, "email_address": "alan@example.com"} for _ in range(2)]
    )

    for answer in (again, twice):
        assert (answer.status_code, code(answer)) == (400, "organization_invitation_not_unique")
    bapi.post(f"{path}/{first['id']}/revoke").raise_for_status()
    invite("grace@example.com", expires_in_days=1)
    control.post("/clock/advance", json={"seconds": DAY_S})
    invite("grace@example.com")


def test_many_are_invited_at_once_but_not_more_than_ten(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, path: str, control: httpx.Client
) -> None:
    bodies = [{"email_address": f"u{n}@example.com", "role": "org:member"} for n in range(11)]

    invited = clerk.organization_invitations.bulk_create(
        organization_id=acme.id, request_body=bodies[:10]
    )
    too_many = bapi.post(f"{path}/bulk", json=bodies)
    none = bapi.post(f"{path}/bulk", json=[])

    assert invited.total_count == 10
    assert [row.email_address for row in invited.data] == [
        body["email_address"] for body in bodies[:10]
    ]
    assert len(told(control, "organizationInvitation.created")) == 10
    assert (too_many.status_code, code(too_many)) == (400, "bulk_size_exceeded")
    assert (none.status_code, code(none)) == (422, "form_param_missing")
    assert bapi.post(f"{path}/bulk", json={"email_address": "a@b.co"}).status_code == 422


def test_invitations_take_room_in_an_organization(
    bapi: httpx.Client, acme: models.Organization, path: str, invite: Invite, control: httpx.Client
) -> None:
    organization = f"/organizations/{acme.id}"
    bapi.patch(organization, json={"max_allowed_memberships": 2}).raise_for_status()
    invitation = invite("grace@example.com", expires_in_days=1)
    body = {"email_address": "alan@example.com", "role": "org:member"}
    late = bapi.post("/users", json={"email_address": ["late@example.com"]}).json()

    one_more = bapi.post(path, json=body)
    joining = bapi.post(
        f"{organization}/memberships", json={"user_id": late["id"], "role": "org:member"}
    )

    for answer in (one_more, joining):
        assert (answer.status_code, code(answer)) == (403, "organization_membership_quota_exceeded")
    assert accept(control, invitation).is_success
    assert code(bapi.post(path, json=body)) == "organization_membership_quota_exceeded"


def test_an_accepted_invitation_becomes_a_membership_with_its_metadata(
    clerk: Clerk, acme: models.Organization, invite: Invite, control: httpx.Client
) -> None:
    grace = clerk.users.create(email_address=["grace@example.com"])
    invitation = invite(
        "grace@example.com", role="org:admin", public_metadata={"a": 1}, private_metadata={"b": 2}
    )

    membership = accept(control, invitation).raise_for_status().json()

    (member,) = clerk.organization_memberships.list(
        organization_id=acme.id, user_id=[grace.id]
    ).data
    assert (member.id, member.role) == (membership["id"], "org:admin")
    assert (member.public_metadata, member.private_metadata) == ({"a": 1}, {"b": 2})
    accepted = clerk.organization_invitations.get(
        organization_id=acme.id, invitation_id=invitation["id"]
    )
    assert (accepted.status, accepted.url) == ("accepted", None)
    (event,) = told(control, "organizationInvitation.accepted")
    assert (event["id"], event["user_id"]) == (invitation["id"], grace.id)
    assert event["data"]["public_organization_data"]["name"] == "Acme"
    types = [row["event_type"] for row in control.get("/messages").json()["data"]]
    assert types[-2:] == ["organizationMembership.created", "organizationInvitation.accepted"]


def test_a_newcomer_signs_up_by_following_the_link(
    bapi: httpx.Client, acme: models.Organization, invite: Invite, control: httpx.Client
) -> None:
    invitation = invite("new@example.com")
    ticket = parse_qs(urlparse(invitation["url"]).query)["ticket"][0]

    answer = control.post("/tickets/accept", json={"ticket": ticket, "first_name": "Nova"})

    assert answer.json()["organization"]["id"] == acme.id
    (user,) = bapi.get("/users", params={"email_address": "new@example.com"}).json()
    assert (user["first_name"], answer.json()["public_user_data"]["user_id"]) == (
        "Nova",
        user["id"],
    )


def test_an_invitation_that_is_over_cannot_be_accepted(
    bapi: httpx.Client, path: str, invite: Invite, control: httpx.Client
) -> None:
    accepted, revoked, expired = (
        invite(f"{name}@example.com", expires_in_days=1) for name in "abc"
    )
    accept(control, accepted).raise_for_status()
    bapi.post(f"{path}/{revoked['id']}/revoke").raise_for_status()
    control.post("/clock/advance", json={"seconds": DAY_S})

    for invitation, expected in (
        (accepted, "organization_invitation_already_accepted"),
        (revoked, "organization_invitation_revoked_code"),
        (expired, "ticket_expired_code"),
    ):
        answer = accept(control, invitation)
        assert (answer.status_code, code(answer)) == (400, expected)
    assert len(bapi.get("/users").json()) == 2


def test_who_came_in_otherwise_cannot_accept(
    clerk: Clerk, acme: models.Organization, invite: Invite, control: httpx.Client
) -> None:
    invitation = invite("grace@example.com")
    grace = clerk.users.create(email_address=["grace@example.com"])
    clerk.organization_memberships.create(
        organization_id=acme.id, user_id=grace.id, role="org:member"
    )

    assert code(accept(control, invitation)) == "already_a_member_in_organization"


def test_only_a_pending_invitation_can_be_revoked_and_once(
    clerk: Clerk,
    bapi: httpx.Client,
    acme: models.Organization,
    invite: Invite,
    control: httpx.Client,
) -> None:
    invitation = invite("grace@example.com")
    path = f"/organizations/{acme.id}/invitations"

    revoked = clerk.organization_invitations.revoke(
        organization_id=acme.id, invitation_id=invitation["id"], requesting_user_id=acme.created_by
    )

    assert (revoked.status, revoked.url) == ("revoked", None)
    (event,) = told(control, "organizationInvitation.revoked")
    assert event["id"] == invitation["id"]
    again = bapi.post(f"{path}/{invitation['id']}/revoke")
    assert (again.status_code, code(again)) == (404, "organization_invitation_not_pending")
    assert code(bapi.post(f"{path}/orginv_none/revoke")) == "resource_not_found"
    assert len(told(control, "organizationInvitation.revoked")) == 1


def test_invitations_are_found_by_status_and_address(
    bapi: httpx.Client, path: str, invite: Invite, control: httpx.Client
) -> None:
    soon = invite("soon@example.com", expires_in_days=1)
    control.post("/clock/advance", json={"seconds": DAY_S})
    gone, _ = invite("gone@example.com"), invite("here@example.com")
    bapi.post(f"{path}/{gone['id']}/revoke").raise_for_status()

    def found(url: str, **query: object) -> list[str]:
        rows = bapi.get(url, params=query).raise_for_status().json()["data"]
        return [row["email_address"].partition("@")[0] for row in rows]

    assert found(path) == ["here", "gone", "soon"]
    assert found(path, status="expired") == ["soon"]
    assert found(path, status=["pending", "revoked"]) == ["here", "gone"]
    assert found(path, email_address="HERE@example.com") == ["here"]
    assert found(path, order_by="email_address", limit=2) == ["gone", "here"]
    assert found(f"{path}/pending") == ["here"]
    assert found("/organization_invitations", query="so") == ["soon"]
    assert found("/organization_invitations", order_by="-email_address", offset=1) == [
        "here", "gone",
    ]  # fmt: skip
    assert bapi.get(f"{path}?status=lost").status_code == 422
    assert bapi.get(f"{path}?order_by=role").status_code == 422
    assert bapi.get(f"{path}/{soon['id']}").json()["status"] == "expired"


def test_a_user_sees_the_invitations_to_their_addresses(
    clerk: Clerk, acme: models.Organization, invite: Invite, bapi: httpx.Client
) -> None:
    invite("grace@example.com")
    invite("other@example.com")
    grace = clerk.users.create(email_address=["g@example.com", "grace@example.com"])

    mine = clerk.users.get_organization_invitations(user_id=grace.id, status="pending")

    assert [row.email_address for row in mine.data] == ["grace@example.com"]
    assert mine.data[0].public_organization_data.id == acme.id
    assert bapi.get("/users/user_none/organization_invitations").status_code == 404


def test_who_is_invited_gets_an_email_with_the_link_unless_unwanted(
    invite: Invite, boss: models.User, control: httpx.Client
) -> None:
    invitation = invite("grace@example.com", inviter_user_id=boss.id)
    invite("quiet@example.com", notify=False)

    (letter,) = control.get("/mailbox").json()["data"]
    assert letter["to_email_address"] == "grace@example.com"
    assert "Bea invites you to join Acme" in letter["body_plain"]
    (event,) = told(control, "email.created")
    assert (event["slug"], event["data"]["action_url"]) == (
        "organization_invitation",
        invitation["url"],
    )


@pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")
def test_pending_invitations_are_listed_the_old_way(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, path: str, invite: Invite
) -> None:
    invitation, revoked = invite("grace@example.com"), invite("alan@example.com")
    bapi.post(f"{path}/{revoked['id']}/revoke").raise_for_status()

    pending = clerk.organization_invitations.list_pending(organization_id=acme.id)

    assert [row.id for row in pending.data] == [invitation["id"]]


def test_an_invitation_belongs_to_its_organization(
    clerk: Clerk, bapi: httpx.Client, invite: Invite
) -> None:
    invitation = invite("grace@example.com")
    other = clerk.organizations.create(request={"name": "Other"})

    answer = bapi.get(f"/organizations/{other.id}/invitations/{invitation['id']}")

    assert (answer.status_code, code(answer)) == (404, "resource_not_found")
    assert bapi.get("/organizations/org_none/invitations").status_code == 404


def test_invitations_end_with_their_organization(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, invite: Invite,
    control: httpx.Client,
) -> None:  # fmt: skip
    invitation = invite("grace@example.com")

    clerk.organizations.delete(organization_id=acme.id)

    assert bapi.get("/organization_invitations").json()["total_count"] == 0
    (event,) = told(control, "organizationInvitation.revoked")
    assert event["id"] == invitation["id"]
    assert accept(control, invitation).status_code == 404


def test_a_role_in_an_invitation_cannot_go_but_moves_with_its_role_set(
    bapi: httpx.Client, path: str, invite: Invite
) -> None:
    role = {"name": "Vet", "key": "org:vet", "include_in_initial_role_set": True}
    vet = bapi.post("/organization_roles", json=role).json()
    invitation = invite("grace@example.com", role="org:vet")

    refused = bapi.delete(f"/organization_roles/{vet['id']}")
    moved = bapi.post(
        "/role_sets/role_set:default/roles/replace",
        json={"role_key": "org:vet", "to_role_key": "org:member"},
    )

    assert (refused.status_code, code(refused)) == (422, "organization_role_exists_in_invitations")
    assert moved.is_success
    assert bapi.get(f"{path}/{invitation['id']}").json()["role"] == "org:member"
    assert bapi.delete(f"/organization_roles/{vet['id']}").is_success
