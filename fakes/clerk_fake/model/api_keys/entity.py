"""An API key, as an instance remembers it."""

from dataclasses import dataclass
from typing import Any, Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.secrets import secret_digest
from clerk_fake.state import Noun

__all__ = ["API_KEYS", "ApiKey", "api_key_resource", "created_api_key_resource"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key; times are Unix ms. Names are those of Clerk's API unless said otherwise.

    Attributes:
        id: ``ak_…``, hexadecimal.
        subject: Id of the user, organization or machine for whom it stands.
        secret: ``ak_…``, what is shown to others.
        claims: Whatever its maker put into it.
        expiration: From then on it is expired; ``None`` for never.
        last_used_at: When it was last verified.
    """

    id: str
    type: str
    name: str
    subject: str
    secret: str
    created_at: int
    updated_at: int
    description: str | None = None
    claims: Any = None
    scopes: tuple[str, ...] = ()
    created_by: str | None = None
    expiration: int | None = None
    revoked: bool = False
    revocation_reason: str | None = None
    last_used_at: int | None = None

    def expired_at(self, now_ms: int) -> bool:
        """Tell whether it has expired by this time."""
        return self.expiration is not None and now_ms >= self.expiration

    def good_at(self, now_ms: int) -> bool:
        """Tell whether it opens anything at this time."""
        return not self.revoked and not self.expired_at(now_ms)


def api_key_resource(instance: Instance, key: ApiKey) -> JsonObject:
    """Return the key as Clerk writes it, without its secret."""
    return {
        "object": "api_key",
        "id": key.id,
        "type": key.type,
        "subject": key.subject,
        "name": key.name,
        "description": key.description,
        "claims": key.claims,
        "scopes": list(key.scopes),
        "revoked": key.revoked,
        "revocation_reason": key.revocation_reason,
        "expired": key.expired_at(instance.clock.now_ms()),
        "expiration": key.expiration,
        "created_by": key.created_by,
        "last_used_at": key.last_used_at,
        "created_at": key.created_at,
        "updated_at": key.updated_at,
    }


def created_api_key_resource(instance: Instance, key: ApiKey) -> JsonObject:
    """Return the key as it is shown once, with its secret."""
    return {**api_key_resource(instance, key), "secret": key.secret}


API_KEYS: Final = Kind(
    Noun(
        "api_keys",
        ApiKey,
        {
            "secret": lambda key: (secret_digest(key.secret),),
            "subject": lambda key: (key.subject,),
        },
    ),
    what="API key",
    prefix="ak",
    wire_name="api_key",
    resource=api_key_resource,
)
