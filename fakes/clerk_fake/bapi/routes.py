"""All operations of the Backend API."""

from typing import Final

from clerk_fake.bapi import (
    admin_portal_link_tokens,
    agent_tasks,
    api_keys,
    billing,
    billing_of_payers,
    directories,
    enterprise_connections,
    identifications,
    instance_settings,
    invitations,
    jwks,
    listed_identifiers,
    m2m_tokens,
    machines,
    organization_invitations,
    organization_memberships,
    organization_permissions,
    organization_roles,
    organizations,
    redirect_urls,
    role_sets,
    saml_connections,
    sessions,
    user_accounts,
    user_credentials,
    user_images,
    user_metadata,
    user_standing,
    users,
    waitlist_entries,
)
from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.organization_guard import while_enabled

__all__ = ["FOR_MACHINES", "ROUTES", "WITHOUT_VERSION"]

ROUTES: Final[tuple[BapiRoute, ...]] = (
    *users.ROUTES,
    *user_images.ROUTES,
    *user_metadata.ROUTES,
    *user_standing.ROUTES,
    *user_accounts.ROUTES,
    *user_credentials.ROUTES,
    *identifications.ROUTES,
    *sessions.ROUTES,
    *jwks.ROUTES,
    *enterprise_connections.ROUTES,
    *saml_connections.ROUTES,
    *directories.ROUTES,
    *agent_tasks.ROUTES,
    *admin_portal_link_tokens.ROUTES,
    *billing.ROUTES,
    *billing_of_payers.ROUTES,
    *while_enabled(
        *organizations.ROUTES,
        *organization_memberships.ROUTES,
        *organization_invitations.ROUTES,
        *organization_roles.ROUTES,
        *organization_permissions.ROUTES,
        *role_sets.ROUTES,
    ),
    *redirect_urls.ROUTES,
    *instance_settings.ROUTES,
    *invitations.ROUTES,
    *listed_identifiers.ROUTES,
    *waitlist_entries.ROUTES,
    *machines.ROUTES,
    *m2m_tokens.ROUTES,
    *api_keys.ROUTES,
)

FOR_MACHINES: Final = frozenset(m2m_tokens.ROUTES)
"""Machines may ask for these with their own secret keys."""

WITHOUT_VERSION: Final = frozenset((*m2m_tokens.ROUTES, *api_keys.ROUTES))
"""Official clients ask for these without ``/v1``, too."""
