"""All operations of the Backend API."""

from typing import Final

from clerk_fake.bapi import (
    billing,
    billing_of_payers,
    email_addresses,
    instance_settings,
    invitations,
    jwks,
    listed_identifiers,
    redirect_urls,
    sessions,
    user_images,
    user_metadata,
    user_standing,
    users,
    waitlist_entries,
)
from clerk_fake.bapi.call import BapiRoute

__all__ = ["ROUTES"]

ROUTES: Final[tuple[BapiRoute, ...]] = (
    *users.ROUTES,
    *user_images.ROUTES,
    *user_metadata.ROUTES,
    *user_standing.ROUTES,
    *email_addresses.ROUTES,
    *sessions.ROUTES,
    *jwks.ROUTES,
    *billing.ROUTES,
    *billing_of_payers.ROUTES,
    *redirect_urls.ROUTES,
    *instance_settings.ROUTES,
    *invitations.ROUTES,
    *listed_identifiers.ROUTES,
    *waitlist_entries.ROUTES,
)
