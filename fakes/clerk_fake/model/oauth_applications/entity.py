"""An OAuth application, as an instance remembers it."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.images import image_url
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = [
    "OAUTH_APPLICATIONS",
    "OAuthApplication",
    "oauth_application_resource",
    "oauth_application_with_secret",
]


@dataclass(frozen=True, slots=True)
class OAuthApplication:
    """An application; times are Unix ms. Names are those of Clerk's API unless said otherwise.

    Attributes:
        client_id: What it calls itself towards the instance.
        client_secret: What only it knows; empty when it is public, as it can keep no secret.
        scopes: What it may ask for.
        dynamically_registered: It came in by itself.
        image_id: The logo, one of ``IMAGES``.
    """

    id: str
    name: str
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    consent_screen_enabled: bool
    pkce_required: bool
    public: bool
    created_at: int
    updated_at: int
    dynamically_registered: bool = False
    client_uri: str | None = None
    image_id: str | None = None


def oauth_application_resource(instance: Instance, application: OAuthApplication) -> JsonObject:
    """Return the application as Clerk writes it, without its secret."""
    issuer = instance.identity.issuer
    logo = application.image_id
    return {
        "object": "oauth_application",
        "id": application.id,
        "instance_id": instance.id,
        "name": application.name,
        "client_id": application.client_id,
        "client_uri": application.client_uri,
        "client_image_url": None if logo is None else image_url(instance.home_url, logo),
        "dynamically_registered": application.dynamically_registered,
        "consent_screen_enabled": application.consent_screen_enabled,
        "pkce_required": application.pkce_required,
        "public": application.public,
        "scopes": " ".join(application.scopes),
        "redirect_uris": list(application.redirect_uris),
        "callback_url": next(iter(application.redirect_uris), ""),
        "authorize_url": f"{issuer}/oauth/authorize",
        "token_fetch_url": f"{issuer}/oauth/token",
        "user_info_url": f"{issuer}/oauth/userinfo",
        "discovery_url": f"{issuer}/.well-known/openid-configuration",
        "token_introspection_url": f"{issuer}/oauth/token_info",
        "created_at": application.created_at,
        "updated_at": application.updated_at,
    }


def oauth_application_with_secret(instance: Instance, application: OAuthApplication) -> JsonObject:
    """Return the application as it is shown once, with its secret."""
    resource = oauth_application_resource(instance, application)
    return {**resource, "client_secret": application.client_secret}


OAUTH_APPLICATIONS: Final = Kind(
    Noun(
        "oauth_applications",
        OAuthApplication,
        {"client_id": lambda application: (application.client_id,)},
    ),
    what="OAuth application",
    prefix="oauthapp",
    wire_name="oauth_application",
    resource=oauth_application_resource,
)
