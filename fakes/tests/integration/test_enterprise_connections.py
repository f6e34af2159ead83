"""Enterprise connections, their older SAML view, and the directories behind them: the rules."""

from typing import Any

import httpx
import pytest
from walking.identity_provider import VALID_FROM, VALID_UNTIL, identity_provider

OIDC = {
    "client_id": "c1",
    "client_secret": "s1",
    "discovery_url": "https://idp.example/.well-known/openid-configuration",
}


def _create(bapi: httpx.Client, **body: object) -> httpx.Response:
    usual = {"name": "Okta", "provider": "saml_okta", "domains": ["acme.example"]}
    return bapi.post("/enterprise_connections", json={**usual, **body})


def _code(refused: httpx.Response) -> str:
    return refused.json()["errors"][0]["code"]


def _made(bapi: httpx.Client, **body: object) -> dict[str, Any]:
    return _create(bapi, **body).raise_for_status().json()


def test_a_saml_connection_is_seen_under_both_names(bapi: httpx.Client) -> None:
    connection = _made(bapi, saml={"idp_metadata": identity_provider()["idp_metadata"]})

    saml_id = connection["saml_connection"]["id"]
    older = bapi.get(f"/saml_connections/{saml_id}").json()

    assert older["enterprise_connection_id"] == connection["id"]
    assert older["idp_certificate"] == identity_provider()["idp_certificate"]
    assert older["idp_sso_url"] == "https://idp.example/sso"
    assert older["idp_certificate_issued_at"] == VALID_FROM.timestamp() * 1000
    assert older["idp_certificate_expires_at"] == VALID_UNTIL.timestamp() * 1000
    changed = bapi.patch(f"/saml_connections/{saml_id}", json={"active": True, "name": "Acme"})
    assert changed.status_code == 200
    newer = bapi.get(f"/enterprise_connections/{connection['id']}").json()
    assert (newer["active"], newer["name"]) == (True, "Acme")
    assert bapi.delete(f"/saml_connections/{saml_id}").json()["id"] == saml_id
    assert bapi.get(f"/enterprise_connections/{connection['id']}").status_code == 404


def test_an_openid_connection_keeps_its_secret(bapi: httpx.Client) -> None:
    connection = _made(bapi, provider="oidc_custom", oidc=OIDC, active=True)

    assert connection["saml_connection"] is None
    assert connection["oauth_config"]["client_id"] == "c1"
    assert "s1" not in bapi.get(f"/enterprise_connections/{connection['id']}").text
    assert bapi.get("/saml_connections").json()["total_count"] == 0


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"domains": []}, "domains"),
        ({"domains": ["acme"]}, "domains"),
        ({"domains": ["a.example", "A.example"]}, "domains"),
        ({"active": True}, "active"),
        ({"oidc": OIDC}, "oidc"),
        ({"provider": "oidc_custom", "saml": {}}, "saml"),
        ({"provider": "oidc_custom", "oidc": {"client_id": "c"}}, "oidc.requires_pkce"),
        ({"provider": "oidc_custom", "oidc": {"auth_url": "x"}}, "oidc.auth_url"),
        ({"provider": "ldap"}, "provider"),
        ({"saml": {"idp_certificate": "bm9uZQ=="}}, "idp_certificate"),
        ({"saml": {"idp_metadata": "<a"}}, "idp_metadata"),
        ({"saml": {"idp_metadata": "<a/>"}}, "idp_metadata"),
        ({"saml": {"login_hint": {"mode": "custom_attribute"}}}, "login_hint.source"),
        ({"custom_attributes": [{"name": "A", "key": "_a"}]}, "custom_attributes.key"),
        (
            {"custom_attributes": [{"name": "A", "key": "a"}, {"name": "B", "key": "a"}]},
            "custom_attributes.key",
        ),
        (
            {"custom_attributes": [{"name": "A", "key": "a", "scim_path": "x",
                                    "directory_path": "y"}]},
            "custom_attributes.directory_path",
        ),
    ],
)  # fmt: skip
def test_connections_that_make_no_sense_are_refused(
    bapi: httpx.Client, body: dict[str, object], param: str
) -> None:
    refused = _create(bapi, **body)

    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["meta"]["param_name"] == param
    assert bapi.get("/enterprise_connections").json()["total_count"] == 0


def test_a_domain_belongs_to_one_connection(bapi: httpx.Client) -> None:
    first = _made(bapi)

    assert _create(bapi, domains=["ACME.example"]).status_code == 422
    other = _made(bapi, domains=["else.example"])
    path = f"/enterprise_connections/{other['id']}"
    assert bapi.patch(path, json={"domains": ["acme.example"]}).status_code == 422
    assert bapi.patch(path, json={"domains": ["ELSE.example"]}).json()["domains"] == [
        "else.example"
    ]
    bapi.delete(f"/enterprise_connections/{first['id']}")
    assert bapi.patch(path, json={"domains": ["acme.example"]}).status_code == 200


NO_SSO = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="e"/>"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"active": True}, "saml_connection_cant_be_activated"),
        ({"saml": {"idp_metadata": "<a"}}, "saml_failed_to_parse_idp_metadata"),
        ({"saml": {"idp_metadata": NO_SSO}}, "saml_metadata_missing_fields"),
        (
            {"provider": "oidc_custom", "oidc": {"client_id": "c"}},
            "form_public_client_requires_pkce",
        ),
        (
            {"custom_attributes": [{"name": "A", "key": "a", "scim_path": "x",
                                    "directory_path": "y"}]},
            "form_param_value_conflict",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_has_a_code_of_its_own(
    bapi: httpx.Client, body: dict[str, object], code: str
) -> None:
    assert _code(_create(bapi, **body)) == code


def test_a_refusal_names_what_is_missing(bapi: httpx.Client) -> None:
    inactive = _create(bapi, active=True, saml={"idp_sso_url": "https://idp.example/sso"})
    metadata = _create(bapi, saml={"idp_metadata": NO_SSO})

    message = inactive.json()["errors"][0]["long_message"]
    assert "provide the idp_entity_id, idp_certificate before" in message
    meta = metadata.json()["errors"][0]["meta"]
    assert meta["missing_fields"] == ["idp_sso_url", "idp_certificate"]


def test_an_organization_that_goes_leaves_its_connections(bapi: httpx.Client) -> None:
    organization = bapi.post("/organizations", json={"name": "Acme"}).json()
    connection = _made(bapi, organization_id=organization["id"])
    other = _made(bapi, domains=["else.example"])

    bapi.delete(f"/organizations/{organization['id']}").raise_for_status()

    left = bapi.get(f"/enterprise_connections/{connection['id']}").json()
    assert left["organization_id"] is None
    assert left["updated_at"] > connection["updated_at"]
    assert bapi.get(f"/enterprise_connections/{other['id']}").json() == other


def _letting_in(bapi: httpx.Client, mode: str = "automatic_invitation") -> str:
    """Return the path of an organization whose domain ``acme.example`` lets people in."""
    settings = {"domains_enabled": True, "domains_enrollment_modes": [mode]}
    bapi.patch("/instance/organization_settings", json=settings).raise_for_status()
    path = f"/organizations/{bapi.post('/organizations', json={'name': 'Acme'}).json()['id']}"
    body = {"name": "acme.example", "enrollment_mode": mode, "verified": True}
    bapi.post(f"{path}/domains", json=body).raise_for_status()
    return path


def _domains(bapi: httpx.Client, organization: str) -> list[str]:
    rows = bapi.get(f"{organization}/domains").json()["data"]
    return [row["name"] for row in rows]


@pytest.mark.parametrize("mode", ["automatic_invitation", "automatic_suggestion"])
def test_an_active_connection_removes_domains_that_let_people_in(
    bapi: httpx.Client, mode: str
) -> None:
    organization = _letting_in(bapi, mode)
    connection = _made(bapi, saml={"idp_metadata": identity_provider()["idp_metadata"]})
    assert _domains(bapi, organization) == ["acme.example"]

    path = f"/enterprise_connections/{connection['id']}"
    bapi.patch(path, json={"active": True}).raise_for_status()

    assert _domains(bapi, organization) == []


def test_the_older_operation_asks_for_consent_to_remove_them(bapi: httpx.Client) -> None:
    organization = _letting_in(bapi)
    connection = _made(bapi, saml={"idp_metadata": identity_provider()["idp_metadata"]})
    path = f"/saml_connections/{connection['saml_connection']['id']}"

    refused = bapi.patch(path, json={"active": True})

    assert _code(refused) == "organization_domain_exists_for_enrollment"
    assert not bapi.get(path).json()["active"]
    assert _domains(bapi, organization) == ["acme.example"]
    body = {"active": True, "consent_verified_domains_deletion": True}
    assert bapi.patch(path, json=body).json()["active"]
    assert _domains(bapi, organization) == []


def test_a_domain_lets_nobody_in_where_the_organization_has_its_own_sign_on(
    bapi: httpx.Client,
) -> None:
    organization = _letting_in(bapi)
    ours = {"organization_id": organization.rsplit("/", 1)[1], "active": True}
    _made(bapi, saml={"idp_metadata": identity_provider()["idp_metadata"]}, **ours)
    body = {"name": "acme.example", "enrollment_mode": "automatic_invitation"}

    refused = bapi.post(f"{organization}/domains", json=body)

    assert _code(refused) == "organization_domain_exists_for_enterprise_connection"
    body["enrollment_mode"] = "enterprise_sso"
    made = bapi.post(f"{organization}/domains", json=body).raise_for_status().json()
    change = {"enrollment_mode": "automatic_invitation"}
    again = bapi.patch(f"{organization}/domains/{made['id']}", json=change)
    assert _code(again) == "organization_domain_exists_for_enterprise_connection"


def test_users_of_a_connection_are_counted(bapi: httpx.Client, control: httpx.Client) -> None:
    connection = _made(bapi)
    path = f"/saml_connections/{connection['saml_connection']['id']}"
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    account = {
        "provider": "saml_okta",
        "email_address": "ada@acme.example",
        "enterprise_connection_id": connection["id"],
    }
    assert bapi.get(path).json()["user_count"] == 0

    control.post(f"/users/{user['id']}/enterprise_accounts", json=account).raise_for_status()

    assert bapi.get(path).json()["user_count"] == 1
    bapi.delete(f"/users/{user['id']}").raise_for_status()
    assert bapi.get(path).json()["user_count"] == 0


def test_a_test_run_ends_as_the_control_plane_says_and_goes_with_its_connection(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    connection = _made(bapi)
    path = f"/enterprise_connections/{connection['id']}/test_runs"
    for _ in range(2):
        bapi.post(path).raise_for_status()
    first, second = (run["id"] for run in bapi.get(path).json()["data"])
    result = {
        "status": "success",
        "parsed_user_info": {"email_address": "ada@acme.example", "user_id": "7"},
        "logs": [{"level": "info", "message": "Signed in"}],
    }

    ended = control.post(f"/connection_test_runs/{first}", json=result).raise_for_status().json()

    assert {name: ended[name] for name in result} == result
    assert control.post(f"/connection_test_runs/{first}", json=result).status_code == 422
    assert [run["id"] for run in bapi.get(f"{path}?status=success").json()["data"]] == [first]
    assert [run["id"] for run in bapi.get(f"{path}?status=pending").json()["data"]] == [second]
    bapi.delete(f"/enterprise_connections/{connection['id']}")
    state = control.get("/snapshot").json()["state"]
    assert state["enterprise_connection_test_runs"] == []


def test_a_provider_that_cannot_be_reached_is_not_tried(bapi: httpx.Client) -> None:
    connection = _made(bapi, provider="oidc_custom", oidc={**OIDC, "discovery_url": None})
    path = f"/enterprise_connections/{connection['id']}"

    assert _code(bapi.post(f"{path}/test_runs")) == "oauth_debug_provider_not_configured"
    bapi.patch(path, json={"oidc": OIDC}).raise_for_status()
    assert bapi.post(f"{path}/test_runs").status_code == 200


def test_a_directory_brings_the_attributes_of_its_connection(bapi: httpx.Client) -> None:
    attribute = {"name": "Team", "key": "team", "directory_path": "team"}
    connection = _made(bapi, custom_attributes=[attribute])
    body = {"enterprise_connection_id": connection["id"], "provider": "okta"}

    directory = bapi.post("/directories", json=body).json()

    assert directory["custom_attributes"] == connection["custom_attributes"]
    assert directory["custom_attributes"][0]["scim_path"] == "team"


def _directory(bapi: httpx.Client, path: str = "/directories") -> dict[str, Any]:
    connection = _made(bapi)
    body = {"enterprise_connection_id": connection["id"], "provider": "okta"}
    return bapi.post(path, json=body).raise_for_status().json()


def _roles(bapi: httpx.Client) -> dict[str, str]:
    rows = bapi.get("/organization_roles").json()["data"]
    return {row["key"]: row["id"] for row in rows}


def test_a_directory_is_seen_under_both_names_and_shows_its_key_once(bapi: httpx.Client) -> None:
    directory = _directory(bapi)

    older = bapi.get(f"/scim_directories/{directory['id']}").json()

    assert (directory["object"], older["object"]) == ("directory", "scim_directory")
    assert directory["api_key"]
    assert "api_key" not in older
    rotated = bapi.post(f"/directories/{directory['id']}/rotate_api_key").json()
    assert rotated["api_key"] not in (None, directory["api_key"])
    again = bapi.post(
        "/directories",
        json={
            "enterprise_connection_id": directory["enterprise_connection_id"],
            "provider": "okta",
        },
    )
    assert _code(again) == "scim_directory_enterprise_connection_already_used"
    bapi.delete(f"/enterprise_connections/{directory['enterprise_connection_id']}")
    assert bapi.get(f"/directories/{directory['id']}").status_code == 404


def test_attributes_are_merged_and_null_removes_them(bapi: httpx.Client) -> None:
    directory = _directory(bapi)
    path = f"/directories/{directory['id']}"

    changed = bapi.patch(path, json={"attribute_mapping": {"team": "urn:t", "user_name": None}})

    expected = {**directory["attribute_mapping"], "team": "urn:t"}
    del expected["user_name"]
    assert changed.json()["attribute_mapping"] == expected
    assert bapi.patch(path, json={"attribute_mapping": {"team": 1}}).status_code == 422


def test_groups_are_mapped_by_precedence(bapi: httpx.Client) -> None:
    directory, roles = _directory(bapi), _roles(bapi)
    path = f"/directories/{directory['id']}/group_role_mappings"

    def add(group: str, **more: object) -> httpx.Response:
        body = {"directory_group_id": group, "role_id": roles["org:member"], **more}
        return bapi.post(path, json=body)

    def order() -> list[tuple[str, int]]:
        rows = bapi.get(path).json()["data"]
        return [(row["scim_group_id"], row["precedence"]) for row in rows]

    add("g1"), add("g2")
    assert add("g0", precedence=1).json()["role"]["key"] == "org:member"
    assert order() == [("g0", 1), ("g1", 2), ("g2", 3)]
    assert add("g1").status_code == 422
    assert add("g9", role_id="role_none").status_code == 404
    assert add("g9", scim_group_id="g8").status_code == 422
    assert bapi.put(path, json={}).status_code == 422
    wanted = [{"scim_group_id": name, "role_id": roles["org:admin"]} for name in ("b", "a")]
    assert bapi.put(path, json={"mappings": wanted}).json()["total_count"] == 2
    assert order() == [("b", 1), ("a", 2)]
    assert bapi.put(path, json={"mappings": [*wanted, wanted[0]]}).status_code == 422
    assert order() == [("b", 1), ("a", 2)]
    first = bapi.get(path).json()["data"][0]["id"]
    assert bapi.delete(f"{path}/{first}").json()["deleted"]
    assert bapi.delete(f"{path}/{first}").status_code == 404
    bapi.patch(f"/directories/{directory['id']}", json={"group_role_mapping_enabled": False})
    for refused in (add("g9"), bapi.put(path, json={"mappings": []})):
        assert (refused.status_code, _code(refused)) == (400, "feature_not_enabled")
    assert bapi.get(path).status_code == 200
