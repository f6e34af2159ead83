"""Who may come in, and how an instance is set up."""

from collections.abc import Mapping
from typing import Final

from walking.callers import Caller
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["SCENARIOS"]


def invitations(call: Caller) -> None:
    body = {"email_address": "invited@example.com", "public_metadata": {"a": "b"}}
    more = {
        "redirect_url": "https://app.example/join",
        "notify": False,
        "ignore_existing": True,
        "expires_in_days": 3,
        "template_slug": "invitation",
    }
    invitation = call("CreateInvitation", body={**body, **more})
    has(invitation, {**body, "status": "pending"})
    several = [{**body, **more, "email_address": f"{name}@example.com"} for name in ("one", "two")]
    bulk = rows(call("CreateBulkInvitations", body=several))
    assert [row["email_address"] for row in bulk] == ["one@example.com", "two@example.com"]
    for query in (
        {"query": "invited"},
        {"status": "pending", "limit": 1, "offset": 2, "order_by": "-created_at"},
        {"paginated": True, "query": "invited"},
    ):
        found = rows(call("ListInvitations", query=query))
        assert [row["id"] for row in found] == [invitation["id"]], query
    revoked = call("RevokeInvitation", invitation["id"])
    has(revoked, {"id": invitation["id"], "status": "revoked", "revoked": True})


def allow_and_block_lists(call: Caller) -> None:
    allowed = call(
        "CreateAllowlistIdentifier", body={"identifier": "ada@example.com", "notify": False}
    )
    has(allowed, {"identifier": "ada@example.com", "identifier_type": "email_address"})
    for query in ({"limit": 1, "offset": 0}, {"paginated": True}):
        assert rows(call("ListAllowlistIdentifiers", query=query)) == [allowed]
    gone = call("DeleteAllowlistIdentifier", allowed["id"])
    has(gone, {"id": allowed["id"], "deleted": True})
    blocked = call("CreateBlocklistIdentifier", body={"identifier": "eve@example.com"})
    has(blocked, {"identifier": "eve@example.com", "identifier_type": "email_address"})
    assert rows(call("ListBlocklistIdentifiers")) == [blocked]
    gone = call("DeleteBlocklistIdentifier", blocked["id"])
    has(gone, {"id": blocked["id"], "deleted": True})


def waitlist_entries(call: Caller) -> None:
    entry = call(
        "CreateWaitlistEntry", body={"email_address": "patient@example.com", "notify": False}
    )
    has(entry, {"email_address": "patient@example.com", "status": "pending"})
    several = [{"email_address": f"{name}@example.com", "notify": False} for name in ("one", "two")]
    one, two = rows(call("CreateBulkWaitlistEntries", body=several))
    for query in (
        {"query": "patient"},
        {"status": "pending", "limit": 1, "offset": 2, "order_by": "-created_at"},
    ):
        found = rows(call("ListWaitlistEntries", query=query))
        assert [row["id"] for row in found] == [entry["id"]], query
    invited = call("InviteWaitlistEntry", entry["id"], body={"ignore_existing": True})
    has(invited, {"id": entry["id"], "status": "invited"})
    has(call("RejectWaitlistEntry", one["id"]), {"id": one["id"], "status": "rejected"})
    has(call("DeleteWaitlistEntry", two["id"]), {"id": two["id"], "deleted": True})


def instance_settings(call: Caller) -> None:
    has(call("GetInstance"), {"environment_type": "development"})
    call(
        "UpdateInstance",
        body={
            "test_mode": True,
            "hibp": False,
            "support_email": "help@example.com",
            "clerk_js_version": "6",
            "development_origin": "http://localhost:3000",
            "allowed_origins": ["http://localhost:3000"],
            "cookieless_dev": False,
            "url_based_session_syncing": True,
            "preferred_sign_in_strategy_when_password_required": "password",
        },
    )
    has(call("GetInstance"), {"allowed_origins": ["http://localhost:3000"]})
    restrictions = {
        "allowlist": True,
        "blocklist": True,
        "allowlist_blocklist_disabled_on_sign_in": True,
        "block_email_subaddresses": True,
        "block_disposable_email_domains": True,
    }
    has(call("UpdateInstanceRestrictions", body=restrictions), restrictions)
    protect = {"rules_enabled": True, "specter_enabled": True}
    has(call("UpdateInstanceProtect", body=protect), protect)
    has(call("GetInstanceProtect"), protect)
    communication = {"blocked_country_codes": ["AQ", "BV"]}
    has(call("UpdateInstanceCommunication", body=communication), communication)
    has(call("GetInstanceCommunication"), communication)
    oauth = {
        "dynamic_oauth_client_registration": True,
        "default_scopes": ["profile", "email"],
        "oauth_jwt_access_tokens": True,
        "client_id_metadata_documents_advertised": True,
        "client_id_metadata_documents_only_allow_pre_registered_clients": True,
        "client_id_metadata_documents_block_implicitly_allowed_clients": True,
    }
    has(call("UpdateInstanceOAuthApplicationSettings", body=oauth), oauth)
    has(call("GetInstanceOAuthApplicationSettings"), oauth)
    roles = {role["key"]: role["id"] for role in rows(call("ListOrganizationRoles"))}
    organizations = {
        "enabled": True,
        "max_allowed_memberships": 9,
        "admin_delete_enabled": False,
        "domains_enabled": True,
        "slug_disabled": False,
        "domains_enrollment_modes": ["manual_invitation"],
    }
    changed = call(
        "UpdateInstanceOrganizationSettings",
        body={
            **organizations,
            "creator_role_id": roles["org:admin"],
            "domains_default_role_id": roles["org:member"],
        },
    )
    has(changed, organizations)
    has(call("GetInstanceOrganizationSettings"), organizations)


def _production(call: Caller) -> None:
    """Let the instance be one in production, as only Clerk's dashboard can."""
    call.prepare("PATCH", "/settings", {"general": {"environment": "production"}})


def beta_features(call: Caller) -> None:
    settings = {
        "restricted_to_allowlist": True,
        "from_email_address": "noreply",
        "progressive_sign_up": True,
    }
    changed = call("UpdateInstanceAuthConfig", body={**settings, "test_mode": True})
    has(changed, settings)
    _production(call)
    home = {"home_url": "https://acme.example", "is_secondary": False}
    call("UpdateProductionInstanceDomain", body=home)
    call("ChangeProductionInstanceDomain", body=home)


def domains(call: Caller) -> None:
    _production(call)
    body = {"name": "satellite.example", "is_satellite": True}
    domain = call("AddDomain", body={**body, "proxy_url": "https://satellite.example/__clerk"})
    has(domain, body)
    assert domain["id"] in [row["id"] for row in rows(call("ListDomains"))]
    changed = call(
        "UpdateDomain",
        domain["id"],
        body={
            "name": "other.example",
            "proxy_url": "https://other.example/__clerk",
            "is_secondary": False,
        },
    )
    has(changed, {"name": "other.example", "proxy_url": "https://other.example/__clerk"})
    has(call("DeleteDomain", domain["id"]), {"id": domain["id"], "deleted": True})


def proxy_checks(call: Caller) -> None:
    _production(call)
    domain = call("AddDomain", body={"name": "satellite.example", "is_satellite": True})
    body = {"domain_id": domain["id"], "proxy_url": "https://satellite.example/__clerk"}
    has(call("VerifyDomainProxy", body=body), body)


def redirect_urls(call: Caller) -> None:
    url = call("CreateRedirectURL", body={"url": "myapp://callback"})
    has(url, {"url": "myapp://callback"})
    assert call("GetRedirectURL", url["id"]) == url
    for query in ({"limit": 1, "offset": 0}, {"paginated": True}):
        assert rows(call("ListRedirectURLs", query=query)) == [url]
    has(call("DeleteRedirectURL", url["id"]), {"id": url["id"], "deleted": True})


def templates(call: Caller) -> None:
    query = {"limit": 100, "offset": 0}
    slugs = [row["slug"] for row in rows(call("GetTemplateList", "email", query=query))]
    assert "invitation" in slugs
    assert rows(call("GetTemplateList", "sms", query={"paginated": True}))
    body = {
        "name": "Come in",
        "subject": "Come in",
        "markup": "<p>{{action_url}}</p>",
        "body": "<p>{{action_url}}</p>",
        "delivered_by_clerk": True,
        "from_email_name": "hello",
        "reply_to_email_name": "help",
    }
    changed = call("UpsertTemplate", "email", "invitation", body=body)
    has(changed, body)
    has(call("GetTemplate", "email", "invitation"), body)
    preview = {
        name: body[name] for name in ("subject", "body", "from_email_name", "reply_to_email_name")
    }
    call("PreviewTemplate", "email", "invitation", body=preview)
    toggled = call(
        "ToggleTemplateDelivery", "email", "invitation", body={"delivered_by_clerk": False}
    )
    has(toggled, {"delivered_by_clerk": False})
    assert call("RevertTemplate", "email", "invitation")["subject"] != "Come in"


def webhooks(call: Caller) -> None:
    assert call("CreateSvixApp")["svix_url"]
    assert call("GenerateSvixAuthURL")["svix_url"]
    call("DeleteSvixApp")


def miscellaneous(call: Caller) -> None:
    call(
        "GetPublicInterstitial",
        query={
            "frontendApi": "fake-1.clerk.accounts.dev",
            "frontend_api": "fake-1.clerk.accounts.dev",
            "publishable_key": "pk_test_ZmFrZS0xLmNsZXJrLmFjY291bnRzLmRldiQ=",
            "proxy_url": "http://localhost/__clerk",
            "domain": "localhost",
            "sign_in_url": "/sign-in",
            "use_domain_for_script": False,
        },
    )


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "Invitations": invitations,
    "Allow-list / Block-list": allow_and_block_lists,
    "Waitlist Entries": waitlist_entries,
    "Instance Settings": instance_settings,
    "Beta Features": beta_features,
    "Domains": domains,
    "Proxy Checks": proxy_checks,
    "Redirect URLs": redirect_urls,
    "Email & SMS Templates": templates,
    "Webhooks": webhooks,
    "Miscellaneous": miscellaneous,
}
