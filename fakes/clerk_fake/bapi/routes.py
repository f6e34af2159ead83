"""All operations of the Backend API."""

from typing import Final

from clerk_fake.bapi import (
    admin_portal_link_tokens,
    agent_tasks,
    api_keys,
    billing,
    billing_of_payers,
    clients,
    directories,
    domains,
    enterprise_connections,
    identifications,
    instance_settings,
    interstitial,
    invitations,
    jwks,
    jwt_templates,
    listed_identifiers,
    m2m_tokens,
    machines,
    oauth_access_tokens,
    oauth_applications,
    organization_domains,
    organization_invitations,
    organization_memberships,
    organization_permissions,
    organization_roles,
    organizations,
    redirect_urls,
    role_sets,
    saml_connections,
    sessions,
    sign_ups,
    svix_apps,
    templates,
    tickets,
    user_accounts,
    user_credentials,
    user_images,
    user_metadata,
    user_reading,
    user_standing,
    users,
    waitlist_entries,
)
from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.organization_guard import while_enabled
from clerk_fake.http.router import Handler, Route

__all__ = ["FOR_MACHINES", "PUBLIC_ROUTES", "ROUTES", "WITHOUT_VERSION"]

ROUTES: Final[tuple[BapiRoute, ...]] = (
    *user_reading.ROUTES,
    *users.ROUTES,
    *user_images.ROUTES,
    *user_metadata.ROUTES,
    *user_standing.ROUTES,
    *user_accounts.ROUTES,
    *user_credentials.ROUTES,
    *identifications.ROUTES,
    *sessions.ROUTES,
    *clients.ROUTES,
    *tickets.ROUTES,
    *sign_ups.ROUTES,
    *jwks.ROUTES,
    *enterprise_connections.ROUTES,
    *saml_connections.ROUTES,
    *directories.ROUTES,
    *jwt_templates.ROUTES,
    *agent_tasks.ROUTES,
    *admin_portal_link_tokens.ROUTES,
    *billing.ROUTES,
    *billing_of_payers.ROUTES,
    *while_enabled(
        *organizations.ROUTES,
        *organization_memberships.ROUTES,
        *organization_invitations.ROUTES,
        *organization_domains.ROUTES,
        *organization_roles.ROUTES,
        *organization_permissions.ROUTES,
        *role_sets.ROUTES,
    ),
    *redirect_urls.ROUTES,
    *instance_settings.ROUTES,
    *invitations.ROUTES,
    *listed_identifiers.ROUTES,
    *waitlist_entries.ROUTES,
    *domains.ROUTES,
    *svix_apps.ROUTES,
    *templates.ROUTES,
    *machines.ROUTES,
    *m2m_tokens.ROUTES,
    *api_keys.ROUTES,
    *oauth_applications.ROUTES,
    *oauth_access_tokens.ROUTES,
)

FOR_MACHINES: Final = frozenset(m2m_tokens.ROUTES)
"""Machines may ask for these with their own secret keys."""

WITHOUT_VERSION: Final = frozenset(
    (*m2m_tokens.ROUTES, *api_keys.ROUTES, *oauth_access_tokens.ROUTES)
)
"""Official clients ask for these without ``/v1``, too."""

PUBLIC_ROUTES: Final[tuple[Route[Handler], ...]] = interstitial.ROUTES
"""What is answered to everybody, without a secret key."""
