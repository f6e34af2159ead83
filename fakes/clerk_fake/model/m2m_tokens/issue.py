"""Make M2M tokens, and revoke them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between
from clerk_fake.model.m2m_tokens.entity import M2M_TOKENS, M2MToken
from clerk_fake.model.m2m_tokens.jwts import jwt_token
from clerk_fake.model.machines.entity import Machine, scoped_to
from clerk_fake.model.revocation import Revocation
from clerk_fake.model.secrets import new_secret

__all__ = [
    "M2MTokenDraft",
    "TokenFormat",
    "create_m2m_token",
    "revoke_m2m_token",
]

LONGEST_LIFE_S: Final = 10**12


class TokenFormat(StrEnum):
    """What a token looks like."""

    OPAQUE = "opaque"
    JWT = "jwt"


@dataclass(frozen=True, slots=True)
class M2MTokenDraft:
    """What ``POST /v1/m2m_tokens`` takes.

    Attributes:
        seconds_until_expiration: More than 0; ``None`` for what the machine says.
        min_remaining_ttl_seconds: An equal token that lives so much longer will do as well.
    """

    token_format: TokenFormat = TokenFormat.OPAQUE
    seconds_until_expiration: Annotated[float, Between(0, LONGEST_LIFE_S)] | None = None
    claims: Any = None
    min_remaining_ttl_seconds: Annotated[int, Between(0)] | None = None


def create_m2m_token(
    instance: Instance, machine: Machine, draft: M2MTokenDraft, origin: Origin
) -> M2MToken:
    """Make a token of ``machine`` for those to whom it may talk, or return one that will do.

    Raises:
        ApiError: 422, it would never be good, or never live as long as is asked for; 400, a claim
            of a JWT is reserved.
    """
    lifetime_s = _lifetime_s(machine, draft)
    now = instance.clock.now_ms()
    scopes = tuple(scoped_to(instance, machine.id))
    token = M2MToken(
        id=instance.ids.new_hexadecimal(M2M_TOKENS.prefix),
        subject=machine.id,
        secret="",
        scopes=scopes,
        claims=draft.claims,
        expiration=now + max(round(lifetime_s * 1000), 1),
        created_at=now,
        updated_at=now,
    )
    if draft.token_format is TokenFormat.JWT:
        return jwt_token(instance, token)
    living = _one_that_will_do(instance, token, draft)
    if living is not None:
        return living
    return M2M_TOKENS.add(instance, _with_secret(instance, token), origin)


def revoke_m2m_token(
    instance: Instance, token: M2MToken, revocation: Revocation, origin: Origin
) -> M2MToken:
    """Revoke a token; one that is revoked already stays as it is."""
    if token.revoked:
        return token
    reason = revocation.revocation_reason
    return M2M_TOKENS.change(instance, token, origin, revoked=True, revocation_reason=reason)


def _lifetime_s(machine: Machine, draft: M2MTokenDraft) -> float:
    wanted = draft.seconds_until_expiration
    if wanted == 0:
        raise ApiError.bad_value("seconds_until_expiration", "more than 0")
    lifetime_s = machine.default_token_ttl if wanted is None else wanted
    least_s = draft.min_remaining_ttl_seconds
    if least_s is not None and least_s >= lifetime_s:
        raise ApiError.bad_value(
            "min_remaining_ttl_seconds", f"less than the token's lifetime of {lifetime_s:g} seconds"
        )
    return lifetime_s


def _one_that_will_do(
    instance: Instance, wanted: M2MToken, draft: M2MTokenDraft
) -> M2MToken | None:
    if draft.min_remaining_ttl_seconds is None:
        return None
    until = wanted.created_at + draft.min_remaining_ttl_seconds * 1000
    for token in reversed(M2M_TOKENS.table(instance).find("subject", wanted.subject)):
        same = token.claims == wanted.claims and set(token.scopes) == set(wanted.scopes)
        if same and token.good_at(wanted.created_at) and token.expiration >= until:
            return token
    return None


def _with_secret(instance: Instance, token: M2MToken) -> M2MToken:
    return replace(token, secret=new_secret(instance, "mt_"))
