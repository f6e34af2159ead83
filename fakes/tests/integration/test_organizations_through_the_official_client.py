import json
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.models import ClerkErrors

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JANUARY = "2020-01-01T00:00:00Z"
JANUARY_MS = 1_577_836_800_000


@pytest.fixture
def ada(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["ada@example.com"], first_name="Ada")


def told(control: httpx.Client, *types: str) -> list[dict[str, Any]]:
    messages = control.get("/messages").json()["data"]
    events = [json.loads(message["payload"]) for message in messages]
    return [event for event in events if not types or event["type"] in types]


def code(answer: httpx.Response) -> str:
    assert answer.is_client_error, answer.text
    return answer.json()["errors"][0]["code"]


def create(bapi: httpx.Client, **body: object) -> dict[str, Any]:
    return bapi.post("/organizations", json={"name": "Acme", **body}).raise_for_status().json()


def test_a_created_organization_comes_back_equal_from_get_and_list(
    clerk: Clerk, ada: models.User
) -> None:
    created = clerk.organizations.create(
        request={
            "name": "Acme Corp",
            "slug": "acme",
            "created_by": ada.id,
            "public_metadata": {"plan": {"name": "pro"}},
            "private_metadata": {"crm": 7},
            "max_allowed_memberships": 3,
            "created_at": JANUARY,
        }
    )

    assert created.id.startswith("org_")
    assert (created.name, created.slug, created.created_by) == ("Acme Corp", "acme", ada.id)
    assert (created.created_at, created.max_allowed_memberships) == (JANUARY_MS, 3)
    assert created.public_metadata == {"plan": {"name": "pro"}}
    assert created.private_metadata == {"crm": 7}
    assert created.role_set_key == "role_set:default"
    assert clerk.organizations.get(organization_id=created.id) == created
    assert clerk.organizations.get(organization_id="acme") == created
    listed = clerk.organizations.list()
    assert (listed.data, listed.total_count) == ([created], 1)


def test_who_creates_an_organization_becomes_its_admin_and_both_are_told_in_order(
    clerk: Clerk, control: httpx.Client, ada: models.User
) -> None:
    created = clerk.organizations.create(request={"name": "Acme", "created_by": ada.id})

    members = clerk.organization_memberships.list(organization_id=created.id)
    assert [member.role for member in members.data] == ["org:admin"]
    assert members.data[0].public_user_data.user_id == ada.id
    _, organization, membership = told(control)
    assert organization["type"] == "organization.created"
    assert organization["data"]["id"] == created.id
    assert membership["type"] == "organizationMembership.created"
    assert membership["data"]["organization"]["id"] == created.id


def test_a_creator_who_does_not_exist_leaves_no_organization_behind(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    answer = bapi.post("/organizations", json={"name": "Acme", "created_by": "user_none"})

    assert (answer.status_code, code(answer)) == (400, "organization_creator_not_found")
    assert bapi.get("/organizations").json()["total_count"] == 0
    assert told(control) == []


def test_slugs_are_made_from_names_and_never_the_same(bapi: httpx.Client) -> None:
    slugs = [create(bapi, name="Acme & Söhne!")["slug"] for _ in range(3)]

    assert slugs[0] == "acme-s-hne"
    assert len(set(slugs)) == 3
    assert all(slug.startswith("acme-s-hne-") for slug in slugs[1:])
    assert create(bapi, name="日本")["slug"] == "org"


@pytest.mark.parametrize("slug", ["Acme", "a b", "ä", "a_b", "x" * 300])
def test_what_is_no_slug_is_refused(bapi: httpx.Client, slug: str) -> None:
    answer = bapi.post("/organizations", json={"name": "Acme", "slug": slug})

    assert (answer.status_code, code(answer)) == (422, "form_param_format_invalid")


def test_a_slug_belongs_to_one_organization(bapi: httpx.Client) -> None:
    first = create(bapi, slug="acme")
    second = create(bapi, slug="other")

    assert (
        code(bapi.post("/organizations", json={"name": "x", "slug": "acme"}))
        == "form_identifier_exists"
    )
    taken = bapi.patch(f"/organizations/{second['id']}", json={"slug": "acme"})
    assert (taken.status_code, code(taken)) == (422, "form_identifier_exists")
    same = bapi.patch(f"/organizations/{first['id']}", json={"slug": "acme"})
    assert same.status_code == 200
    bapi.delete(f"/organizations/{first['id']}").raise_for_status()
    assert bapi.patch(f"/organizations/{second['id']}", json={"slug": "acme"}).is_success


def test_a_slug_may_not_be_chosen_while_slugs_are_switched_off(bapi: httpx.Client) -> None:
    bapi.patch("/instance/organization_settings", json={"slug_disabled": True})

    answer = bapi.post("/organizations", json={"name": "Acme", "slug": "acme"})

    assert (answer.status_code, code(answer)) == (422, "form_param_unknown")
    assert create(bapi)["slug"] == "acme"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "form_param_missing"),
        ({"name": ""}, "form_param_missing"),
        ({"name": "  "}, "form_param_missing"),
        ({"name": "x" * 257}, "form_param_max_length_exceeded"),
        ({"name": "see https://evil.example"}, "form_param_value_invalid"),
        ({"name": "<b>Acme</b>"}, "form_param_value_invalid"),
        ({"name": 5}, "form_param_format_invalid"),
        ({"name": "Acme", "max_allowed_memberships": -1}, "form_param_value_invalid"),
        ({"name": "Acme", "role_set_key": "role_set:none"}, "resource_not_found"),
        ({"name": "Acme", "created_at": "yesterday"}, "form_param_format_invalid"),
        ({"name": "Acme", "colour": "red"}, "form_param_unknown"),
        (
            {"name": "Acme", "public_metadata": {"a": "x" * 9000}},
            "form_param_exceeds_allowed_size",
        ),
    ],
)
def test_what_is_no_organization_is_refused(
    bapi: httpx.Client, body: dict[str, object], expected: str
) -> None:
    assert code(bapi.post("/organizations", json=body)) == expected
    assert bapi.get("/organizations").json()["total_count"] == 0


def test_limits_and_permissions_come_from_the_settings_unless_said(bapi: httpx.Client) -> None:
    settings = {"max_allowed_memberships": 4, "admin_delete_enabled": False}
    bapi.patch("/instance/organization_settings", json=settings).raise_for_status()

    usual = create(bapi)
    special = create(bapi, max_allowed_memberships=0)

    assert (usual["max_allowed_memberships"], usual["admin_delete_enabled"]) == (4, False)
    assert special["max_allowed_memberships"] == 0


def test_an_update_changes_what_it_names_and_is_told_once(
    clerk: Clerk, control: httpx.Client
) -> None:
    before = clerk.organizations.create(request={"name": "Acme", "slug": "acme"})

    after = clerk.organizations.update(
        organization_id=before.id, name="Acme Ltd", admin_delete_enabled=False, created_at=JANUARY
    )

    assert (after.name, after.slug, after.admin_delete_enabled) == ("Acme Ltd", "acme", False)
    assert (after.created_at, after.updated_at > before.updated_at) == (JANUARY_MS, True)
    assert clerk.organizations.get(organization_id="acme") == after
    (event,) = told(control, "organization.updated")
    assert event["data"]["name"] == "Acme Ltd"


def test_metadata_are_merged_deeply_or_replaced_as_a_whole(clerk: Clerk) -> None:
    created = clerk.organizations.create(
        request={"name": "Acme", "public_metadata": {"a": {"b": 1, "c": 2}, "d": 3}}
    )

    merged = clerk.organizations.merge_metadata(
        organization_id=created.id,
        public_metadata={"a": {"b": None, "e": 4}},
        private_metadata={"secret": 1},
    )
    replaced = clerk.organizations.replace_metadata(
        organization_id=created.id, public_metadata={"only": "this"}
    )

    assert merged.public_metadata == {"a": {"c": 2, "e": 4}, "d": 3}
    assert merged.private_metadata == {"secret": 1}
    assert replaced.public_metadata == {"only": "this"}
    assert replaced.private_metadata == {"secret": 1}


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_metadata_that_are_too_large_are_refused(bapi: httpx.Client, method: str) -> None:
    path = f"/organizations/{create(bapi)['id']}/metadata"

    answer = bapi.request(method, path, json={"public_metadata": {"a": "x" * 9000}})

    assert code(answer) == "form_param_exceeds_allowed_size"
    assert code(bapi.request(method, path, json={"name": "x"})) == "form_param_unknown"


def test_metadata_change_with_the_organization_only_in_older_versions(bapi: httpx.Client) -> None:
    path = f"/organizations/{create(bapi, public_metadata={'a': 1})['id']}"
    body = {"public_metadata": {"b": 2}}

    old = bapi.patch(path, json=body, headers={"clerk-api-version": "2025-11-10"})
    new = bapi.patch(path, json=body, headers={"clerk-api-version": "2026-05-12"})

    assert old.json()["public_metadata"] == {"b": 2}
    assert (new.status_code, code(new)) == (422, "form_param_unknown")


def test_a_logo_is_served_replaced_and_taken_away(
    clerk: Clerk, http: httpx.Client, ada: models.User
) -> None:
    created = clerk.organizations.create(request={"name": "Acme"})
    file = {"file_name": "logo.png", "content": PNG, "content_type": "image/png"}

    with_logo = clerk.organizations.upload_logo(
        organization_id=created.id, file=file, uploader_user_id=ada.id
    )

    assert with_logo.has_image
    assert http.get(with_logo.image_url).content == PNG
    assert clerk.organizations.get(organization_id=created.id).image_url == with_logo.image_url
    without = clerk.organizations.delete_logo(organization_id=created.id)
    assert not without.has_image
    assert http.get(with_logo.image_url).status_code == 404


def test_a_logo_without_a_file_is_refused(bapi: httpx.Client) -> None:
    path = f"/organizations/{create(bapi)['id']}/logo"

    answer = bapi.put(path, files={"colour": (None, "red")})

    assert code(answer) == "form_param_unknown"
    assert code(bapi.put(path)) == "form_param_missing"


def test_counts_are_told_to_those_who_ask(clerk: Clerk, ada: models.User) -> None:
    led = clerk.organizations.create(request={"name": "Led", "created_by": ada.id})
    empty = clerk.organizations.create(request={"name": "Empty"})
    wanted = {
        "include_members_count": True,
        "include_missing_member_with_elevated_permissions": True,
    }

    one = clerk.organizations.get(organization_id=led.id, **wanted)
    all_of_them = clerk.organizations.list(**wanted, order_by="members_count").data

    assert (one.members_count, one.missing_member_with_elevated_permissions) == (1, False)
    assert [row.id for row in all_of_them] == [empty.id, led.id]
    assert all_of_them[0].members_count == 0
    assert all_of_them[0].missing_member_with_elevated_permissions
    assert clerk.organizations.get(organization_id=led.id).members_count is None


def test_organizations_are_found_by_name_slug_id_and_members(
    clerk: Clerk, ada: models.User
) -> None:
    acme = clerk.organizations.create(request={"name": "Acme", "created_by": ada.id})
    other = clerk.organizations.create(request={"name": "Beta", "slug": "acme-friends"})
    gamma = clerk.organizations.create(request={"name": "Gamma"})

    def found(**query: Any) -> list[str]:
        return [row.name for row in clerk.organizations.list(**query).data]

    assert found(query="ACME") == ["Beta", "Acme"]
    assert found(query=gamma.id) == ["Gamma"]
    assert found(query=gamma.id[:-1]) == []
    assert found(user_id=[ada.id]) == ["Acme"]
    assert found(user_id=[f"+{ada.id}", "user_none"]) == ["Acme"]
    assert found(user_id=[f"-{ada.id}"]) == ["Gamma", "Beta"]
    assert found(organization_id=[acme.id, other.id]) == ["Beta", "Acme"]
    assert found(organization_id=[f"-{acme.id}"]) == ["Gamma", "Beta"]
    assert found(order_by="name") == ["Acme", "Beta", "Gamma"]
    assert found(order_by="-name", limit=1, offset=1) == ["Beta"]
    assert found(order_by="+created_at") == ["Acme", "Beta", "Gamma"]


def test_a_plus_that_nobody_encoded_still_includes(bapi: httpx.Client) -> None:
    first, second = create(bapi), create(bapi)

    query = f"organization_id=+{first['id']}&organization_id=-{second['id']}&order_by=+name"

    assert [row["id"] for row in bapi.get(f"/organizations?{query}").json()["data"]] == [
        first["id"]
    ]


@pytest.mark.parametrize(
    "query", ["order_by=slug", "limit=0", "offset=-1", "include_members_count=maybe"]
)
def test_a_list_that_cannot_be_is_refused(bapi: httpx.Client, query: str) -> None:
    assert bapi.get(f"/organizations?{query}").status_code == 422


def test_a_deleted_organization_takes_its_memberships_along_and_leaves_a_tombstone(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client, ada: models.User
) -> None:
    created = clerk.organizations.create(
        request={"name": "Acme", "slug": "acme", "created_by": ada.id}
    )

    deleted = clerk.organizations.delete(organization_id=created.id)

    assert (deleted.id, deleted.deleted, deleted.slug) == (created.id, True, "acme")
    assert code(bapi.get(f"/organizations/{created.id}")) == "resource_not_found"
    assert code(bapi.delete(f"/organizations/{created.id}")) == "resource_not_found"
    assert bapi.get(f"/users/{ada.id}/organization_memberships").json()["total_count"] == 0
    membership, organization = told(control)[-2:]
    assert membership["type"] == "organizationMembership.deleted"
    assert membership["data"]["organization"]["id"] == created.id
    assert organization["type"] == "organization.deleted"
    assert organization["data"] == {
        "object": "organization", "id": created.id, "slug": "acme", "deleted": True,
    }  # fmt: skip


def test_nothing_works_while_organizations_are_switched_off(
    clerk: Clerk, bapi: httpx.Client
) -> None:
    created = create(bapi)
    bapi.patch("/instance/organization_settings", json={"enabled": False}).raise_for_status()

    for method, path in (
        ("GET", "/organizations"),
        ("POST", "/organizations"),
        ("GET", f"/organizations/{created['id']}/memberships"),
        ("GET", "/organization_roles"),
    ):
        answer = bapi.request(method, path)
        assert (answer.status_code, code(answer)) == (403, "organization_not_enabled_in_instance")
    with pytest.raises(ClerkErrors):
        clerk.organizations.list()


def test_organizations_survive_a_snapshot(
    bapi: httpx.Client, control: httpx.Client, ada: models.User
) -> None:
    create(bapi, created_by=ada.id)
    before = bapi.get(f"/users/{ada.id}/organization_memberships").json()
    roles = bapi.get("/organization_roles").json()

    snapshot = control.get("/snapshot").json()
    bapi.delete(f"/organizations/{before['data'][0]['organization']['id']}").raise_for_status()
    control.put("/snapshot", json=snapshot).raise_for_status()

    assert bapi.get(f"/users/{ada.id}/organization_memberships").json() == before
    assert bapi.get("/organization_roles").json() == roles
