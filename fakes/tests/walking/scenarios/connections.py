"""Connections to other directories of people: SAML, OIDC, SCIM."""

from collections.abc import Mapping
from typing import Any, Final

from walking.callers import Caller
from walking.identity_provider import identity_provider
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["SCENARIOS"]

IDP: Final = {**identity_provider(), "idp_metadata_url": "https://idp.example/metadata"}
MAPPING: Final = {
    "user_id": "uid",
    "email_address": "mail",
    "first_name": "givenName",
    "last_name": "sn",
}
HINT: Final = {"mode": "custom_attribute", "source": "user.username"}
ATTRIBUTE: Final = {
    "name": "Team",
    "key": "team",
    "sso_path": "user.team",
    "scim_path": "urn:team",
    "directory_path": "urn:team",
    "multi_valued": False,
}


def saml_connections(call: Caller) -> None:
    organization = call("CreateOrganization", body={"name": "Acme"})
    body = {
        "name": "Okta",
        "domains": ["acme.example"],
        "provider": "saml_okta",
        "organization_id": organization["id"],
        "attribute_mapping": MAPPING,
        "force_authn": True,
        "login_hint": HINT,
    }
    connection = call("CreateSAMLConnection", body={**body, **IDP})
    has(connection, body)
    assert call("GetSAMLConnection", connection["id"]) == connection
    call(
        "CreateSAMLConnection",
        body={"name": "Else", "domain": "else.example", "provider": "saml_custom"},
    )
    for query in (
        {"query": "Okta", "order_by": "-created_at"},
        {"organization_id": [organization["id"]]},
        {"limit": 1, "offset": 1},
    ):
        found = rows(call("ListSAMLConnections", query=query))
        assert [row["id"] for row in found] == [connection["id"]], query
    changes = {
        "name": "Okta 2",
        "domains": ["acme.example", "acme2.example"],
        "active": True,
        "sync_user_attributes": False,
        "allow_subdomains": True,
        "allow_idp_initiated": True,
        "disable_additional_identifications": True,
        "allow_organization_account_linking": True,
        "force_authn": False,
        "login_hint": {"mode": "off"},
        "organization_id": organization["id"],
        "attribute_mapping": {**MAPPING, "user_id": "id"},
    }
    changed = call(
        "UpdateSAMLConnection",
        connection["id"],
        body={**changes, **IDP, "consent_verified_domains_deletion": True},
    )
    has(changed, changes)
    renamed = call("UpdateSAMLConnection", connection["id"], body={"domain": "acme3.example"})
    has(renamed, {"id": connection["id"]})
    gone = call("DeleteSAMLConnection", connection["id"])
    has(gone, {"id": connection["id"], "deleted": True})


def _attributes(name: str) -> dict[str, Any]:
    return {"custom_attributes": [{**ATTRIBUTE, "name": name}]}


def enterprise_connections(call: Caller) -> None:
    organization = call("CreateOrganization", body={"name": "Acme"})
    body = {
        "name": "Entra",
        "provider": "saml_microsoft",
        "domains": ["acme.example"],
        "organization_id": organization["id"],
        "allow_organization_account_linking": True,
        "active": False,
    }
    saml = {
        **IDP,
        "attribute_mapping": MAPPING,
        "allow_subdomains": True,
        "allow_idp_initiated": True,
        "force_authn": True,
        "login_hint": HINT,
    }
    connection = call(
        "CreateEnterpriseConnection", body={**body, **_attributes("Team"), "saml": saml}
    )
    has(connection, body)
    assert [each["name"] for each in connection["custom_attributes"]] == ["Team"]
    assert call("GetEnterpriseConnection", connection["id"]) == connection
    oidc = {
        "client_id": "c1",
        "client_secret": "s1",
        "discovery_url": "https://idp.example/.well-known/openid-configuration",
        "auth_url": "https://idp.example/auth",
        "token_url": "https://idp.example/token",
        "user_info_url": "https://idp.example/userinfo",
        "requires_pkce": True,
    }
    speaks_oidc = call(
        "CreateEnterpriseConnection",
        body={
            "name": "Oidc",
            "provider": "oidc_custom",
            "domains": ["oidc.example"],
            "active": True,
            "oidc": oidc,
        },
    )
    other = {**oidc, "client_id": "c2", "requires_pkce": False}
    call("UpdateEnterpriseConnection", speaks_oidc["id"], body={"oidc": other})
    for query in (
        {"organization_id": organization["id"]},
        {"limit": 1, "offset": 1},
    ):
        found = rows(call("ListEnterpriseConnections", query=query))
        assert [row["id"] for row in found] == [connection["id"]], query
    # Only the other value is asked for: the Node client leaves out what is false.
    active = rows(call("ListEnterpriseConnections", query={"active": True}))
    assert [row["id"] for row in active] == [speaks_oidc["id"]]
    changes = {
        "name": "Entra 2",
        "domains": ["acme.example", "acme2.example"],
        "active": True,
        "sync_user_attributes": False,
        "disable_additional_identifications": True,
        "allow_organization_account_linking": False,
        "organization_id": organization["id"],
    }
    changed = call(
        "UpdateEnterpriseConnection",
        connection["id"],
        body={**changes, **_attributes("Squad"), "saml": {"name": "Entra 2", **saml}},
    )
    has(changed, changes)
    assert [each["name"] for each in changed["custom_attributes"]] == ["Squad"]
    run = call("CreateEnterpriseConnectionTestRun", connection["id"])
    assert run["url"]
    query = {"status": ["pending"], "limit": 5, "offset": 0}
    assert len(rows(call("ListEnterpriseConnectionTestRuns", connection["id"], query=query))) == 1
    gone = call("DeleteEnterpriseConnection", connection["id"])
    has(gone, {"id": connection["id"], "deleted": True})


def _directory(call: Caller, kind: str, group: str) -> None:
    """Walk over the operations of SCIM directories, or those of directories, which are alike."""
    connection = call(
        "CreateEnterpriseConnection",
        body={"name": "Okta", "provider": "saml_okta", "domains": ["acme.example"]},
    )
    roles = {role["key"]: role["id"] for role in rows(call("ListOrganizationRoles"))}
    first = _group(group, "g1", {"role_id": roles["org:member"], "precedence": 1})
    body = {"enterprise_connection_id": connection["id"], "name": "People", "provider": "okta"}
    directory = call(f"Create{kind}Directory", body={**body, "group_role_mappings": [first]})
    has(directory, body)
    has(call(f"Get{kind}Directory", directory["id"]), {"id": directory["id"], **body})
    plural = f"List{kind}Directories"
    found = rows(call(plural, query={"limit": 1, "offset": 0}))
    assert [row["id"] for row in found] == [directory["id"]]
    changes = {
        "name": "Staff",
        "enabled": True,
        "provider": "entra",
        "group_role_mapping_enabled": True,
    }
    merged = {"attribute_mapping": {"team": "urn:team"}}
    changed = call(f"Update{kind}Directory", directory["id"], body={**changes, **merged})
    has(changed, changes)
    assert changed["attribute_mapping"]["team"] == "urn:team"
    rotated = call(f"Rotate{kind}DirectoryAPIKey", directory["id"])
    assert rotated["api_key"] != directory.get("api_key")
    _mappings(call, kind or "Directory", group, directory["id"], roles)
    gone = call(f"Delete{kind}Directory", directory["id"])
    has(gone, {"id": directory["id"], "deleted": True})


def _group(group: str, name: str, rest: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{group}_group_id": name, f"{group}_group_display_name": name.upper(), **rest}


def _mappings(
    call: Caller, kind: str, group: str, directory_id: str, roles: Mapping[str, str]
) -> None:
    (first,) = rows(call(f"List{kind}GroupRoleMappings", directory_id))
    has(first, {f"{group}_group_id": "g1"})
    second = call(
        f"Create{kind}GroupRoleMapping",
        directory_id,
        body={f"{group}_group_id": "g2", "role_id": roles["org:admin"], "precedence": 2},
    )
    has(second, {f"{group}_group_id": "g2"})
    legacy = {"scim_group_id": "g4", "role_id": roles["org:admin"]}
    has(call(f"Create{kind}GroupRoleMapping", directory_id, body=legacy), {"scim_group_id": "g4"})
    gone = call(f"Delete{kind}GroupRoleMapping", directory_id, first["id"])
    has(gone, {"id": first["id"], "deleted": True})
    replaced = call(
        f"Replace{kind}GroupRoleMappings",
        directory_id,
        body={"mappings": [{f"{group}_group_id": "g3", "role_id": roles["org:member"]}]},
    )
    assert [row[f"{group}_group_id"] for row in rows(replaced)] == ["g3"]


def scim_directories(call: Caller) -> None:
    _directory(call, "SCIM", "scim")


def directories(call: Caller) -> None:
    _directory(call, "", "directory")


def admin_portal(call: Caller) -> None:
    organization = call("CreateOrganization", body={"name": "Acme"})
    body = {
        "organization_id": organization["id"],
        "it_contact_id": "contact_1",
        "scopes": ["sso"],
    }
    token = call("createAdminPortalLinkToken", body={**body, "seconds_until_expiration": 600})
    has(token, body)
    revoked = call("revokeAdminPortalLinkToken", token["id"], body={"revocation_reason": "lost"})
    has(revoked, {"id": token["id"], "revoked": True, "revocation_reason": "lost"})


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "SAML Connections": saml_connections,
    "Enterprise Connections": enterprise_connections,
    "SCIM Directories": scim_directories,
    "Directories": directories,
    "Admin Portal Link Tokens": admin_portal,
}
