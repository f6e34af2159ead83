"""An M2M token, as an instance remembers it: the opaque ones; those that are JWTs are not kept."""

from dataclasses import dataclass
from typing import Any, Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.secrets import secret_digest
from clerk_fake.state import Noun

__all__ = [
    "M2M_TOKENS",
    "M2MToken",
    "created_m2m_token_resource",
    "forget_m2m_tokens_of",
    "m2m_token_resource",
]


@dataclass(frozen=True, slots=True)
class M2MToken:
    """A token; times are Unix ms.

    Attributes:
        id: ``mt_…``, hexadecimal.
        subject: Id of the machine that made it.
        secret: What is shown to others: ``mt_…``, or a JWT.
        scopes: Ids of the machines that accept it, as they were when it was made.
        claims: Whatever its maker put into it.
        expiration: From then on it is expired.
        last_used_at: When it was last verified.
    """

    id: str
    subject: str
    secret: str
    scopes: tuple[str, ...]
    claims: Any
    expiration: int
    created_at: int
    updated_at: int
    revoked: bool = False
    revocation_reason: str | None = None
    last_used_at: int | None = None

    def good_at(self, now_ms: int) -> bool:
        """Tell whether it proves anything at this time."""
        return not self.revoked and now_ms < self.expiration


def m2m_token_resource(instance: Instance, token: M2MToken) -> JsonObject:
    """Return the token as Clerk writes it, without its secret."""
    return {
        "object": "machine_to_machine_token",
        "id": token.id,
        "subject": token.subject,
        "claims": token.claims,
        "scopes": list(token.scopes),
        "revoked": token.revoked,
        "revocation_reason": token.revocation_reason,
        "expired": instance.clock.now_ms() >= token.expiration,
        "expiration": token.expiration,
        "last_used_at": token.last_used_at,
        "created_at": token.created_at,
        "updated_at": token.updated_at,
    }


def created_m2m_token_resource(instance: Instance, token: M2MToken) -> JsonObject:
    """Return the token as it is shown once, with its secret."""
    return {**m2m_token_resource(instance, token), "token": token.secret}


M2M_TOKENS: Final = Kind(
    Noun(
        "m2m_tokens",
        M2MToken,
        {
            "secret": lambda token: (secret_digest(token.secret),),
            "subject": lambda token: (token.subject,),
        },
    ),
    what="M2M token",
    prefix="mt",
    wire_name="machine_to_machine_token",
    resource=m2m_token_resource,
)


def forget_m2m_tokens_of(instance: Instance, machine_id: str) -> None:
    """Forget all tokens of a machine."""
    tokens = M2M_TOKENS.table(instance)
    for token in tokens.find("subject", machine_id):
        tokens.remove(token)
