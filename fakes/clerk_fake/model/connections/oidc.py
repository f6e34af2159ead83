"""The OpenID Connect half of a connection."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.jsontypes import Length
from clerk_fake.model.unset import UNSET, Unset, applied
from clerk_fake.model.urls import check_url

__all__ = ["Oidc", "OidcChange", "change_oidc"]

URLS: Final = ("discovery_url", "auth_url", "token_url", "user_info_url")


@dataclass(frozen=True, slots=True)
class Oidc:
    """The OpenID Connect half of a connection; names are those of Clerk's API, times Unix ms.

    Attributes:
        client_secret: Kept, never shown.
    """

    id: str
    created_at: int
    updated_at: int
    client_id: str | None = None
    client_secret: str | None = None
    discovery_url: str | None = None
    auth_url: str | None = None
    token_url: str | None = None
    user_info_url: str | None = None
    requires_pkce: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be known before users could be sent to the identity provider."""
        urls = () if self.discovery_url else URLS[1:]
        return tuple(name for name in ("client_id", *urls) if not getattr(self, name))


@dataclass(frozen=True, slots=True)
class OidcChange:
    """What should become of it; what is ``UNSET`` stays."""

    client_id: Annotated[str, Length(1, 255)] | Unset | None = UNSET
    client_secret: str | Unset | None = UNSET
    discovery_url: str | Unset | None = UNSET
    auth_url: str | Unset | None = UNSET
    token_url: str | Unset | None = UNSET
    user_info_url: str | Unset | None = UNSET
    requires_pkce: bool | Unset = UNSET


def change_oidc(oidc: Oidc, change: OidcChange) -> Oidc:
    """Return it changed.

    Raises:
        ApiError: 422, a URL is none, or a client without a secret does not use PKCE.
    """
    changed = applied(oidc, change)
    for name in URLS:
        url = getattr(changed, name)
        if url is not None:
            check_url(url, f"oidc.{name}")
    if changed.client_id and not changed.client_secret and not changed.requires_pkce:
        raise ApiError.of(
            422,
            "form_public_client_requires_pkce",
            "is invalid",
            "PKCE is required for OAuth clients without a secret",
            param_name="oidc.requires_pkce",
        )
    return changed
