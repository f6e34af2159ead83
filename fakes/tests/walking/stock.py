"""One of each noun, so that requests made at random meet something that is there."""

from collections.abc import Iterator
from typing import Any

import httpx

__all__ = ["stocked"]

Stock = dict[str, str]


def _creations(stock: Stock) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path variable, where it is created, and from what; each may use the ones before."""
    yield (
        "user_id",
        "/users",
        {"email_address": ["known@example.com"], "password": "Correct!9horse"},
    )
    user = stock.get("user_id")
    yield (
        "email_address_id",
        "/email_addresses",
        {
            "user_id": user,
            "email_address": "second@example.com",
        },
    )
    yield "phone_number_id", "/phone_numbers", {"user_id": user, "phone_number": "+15555550100"}
    yield "session_id", "/sessions", {"user_id": user}
    yield "template_id", "/jwt_templates", {"name": "hasura", "claims": {"a": "{{user.id}}"}}
    yield "organization_id", "/organizations", {"name": "Acme", "created_by": user}
    organization = f"/organizations/{stock.get('organization_id')}"
    yield "domain_id", f"{organization}/domains", {"name": "acme.example"}
    yield (
        "invitation_id",
        f"{organization}/invitations",
        {
            "email_address": "invited@example.com",
            "inviter_user_id": user,
            "role": "org:member",
        },
    )
    yield "permission_id", "/organization_permissions", {"name": "Walk", "key": "org:dogs:walk"}
    yield "organization_role_id", "/organization_roles", {"name": "Vet", "key": "org:vet"}
    yield (
        "role_set_key_or_id",
        "/role_sets",
        {
            "name": "Vets",
            "key": "role_set:vets",
            "default_role_key": "org:member",
            "creator_role_key": "org:admin",
            "roles": ["org:member", "org:admin"],
        },
    )
    yield "actor_token_id", "/actor_tokens", {"user_id": user, "actor": {"sub": "a"}}
    yield "sign_in_token_id", "/sign_in_tokens", {"user_id": user}
    yield "waitlist_entry_id", "/waitlist_entries", {"email_address": "patient@example.com"}
    yield "identifier_id", "/allowlist_identifiers", {"identifier": "*@example.com"}
    yield "satellite_id", "/domains", {"name": "shop.example", "is_satellite": True}
    yield "id", "/redirect_urls", {"url": "myapp://callback"}
    yield (
        "oauth_application_id",
        "/oauth_applications",
        {
            "name": "App",
            "redirect_uris": ["https://app.example/callback"],
        },
    )
    yield (
        "saml_connection_id",
        "/saml_connections",
        {
            "name": "Okta",
            "domain": "okta.example",
            "provider": "saml_okta",
        },
    )
    yield (
        "enterprise_connection_id",
        "/enterprise_connections",
        {
            "name": "Entra",
            "domains": ["entra.example"],
            "provider": "saml_microsoft",
        },
    )
    directory = {
        "enterprise_connection_id": stock.get("enterprise_connection_id"),
        "provider": "okta",
        "name": "People",
    }
    yield "scim_directory_id", "/scim_directories", directory
    yield "directory_id", "/directories", directory
    yield "machine_id", "/machines", {"name": "mill"}
    yield "other_machine_id", "/machines", {"name": "press"}
    yield "apiKeyID", "/api_keys", {"name": "key", "subject": user}
    yield (
        "agent_task_id",
        "/agents/tasks",
        {
            "on_behalf_of": {"user_id": user},
            "permissions": "*",
            "agent_name": "agent",
            "task_description": "task",
            "redirect_url": "https://app.example/done",
        },
    )


def stocked(bapi: httpx.Client) -> Stock:
    """Create what can be created; return path variable → id.

    What the fake does not offer is left out.
    """
    stock: Stock = {"template_type": "email", "slug": "invitation", "provider": "oauth_google"}
    for name, path, body in _creations(stock):
        answer = bapi.post(path, json=body)
        if answer.is_success:
            created = answer.json()
            stock[name] = created.get("id") or created["agent_task_id"]
            stock["client_id"] = created.get("client_id") or stock.get("client_id", "")
    return stock
