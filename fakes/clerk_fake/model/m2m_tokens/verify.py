"""Find out whether an M2M token proves anything to whoever asks."""

from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.m2m_tokens.entity import M2M_TOKENS, M2MToken
from clerk_fake.model.m2m_tokens.jwts import read_jwt_token
from clerk_fake.model.machines.entity import MACHINES, Machine
from clerk_fake.model.secrets import find_by_secret

__all__ = ["verify_m2m_token"]

JWT_DOTS: Final = 2


def verify_m2m_token(
    instance: Instance, secret: str, verifier: Machine | None, origin: Origin
) -> M2MToken:
    """Return the token with this secret; an opaque one remembers that it was used.

    Args:
        instance: Where it should have been made.
        secret: What somebody showed.
        verifier: The machine that asks; ``None`` when the instance's own key asks, to which every
            token is good.
        origin: Who asks.

    Raises:
        ApiError: 404, there is no such token, it is revoked or expired, or it is not meant for
            ``verifier``. Clerk's clients take any other answer for a failure of the service.
    """
    stored = secret.count(".") != JWT_DOTS
    token = (
        find_by_secret(M2M_TOKENS.table(instance), secret)
        if stored
        else read_jwt_token(instance, secret)
    )
    if token is None or MACHINES.table(instance).get(token.subject) is None:
        raise _refused("No M2M token was found with this secret.")
    if token.revoked:
        raise _refused("The M2M token was revoked.")
    now = instance.clock.now_ms()
    if not token.good_at(now):
        raise _refused("The M2M token has expired.")
    if verifier is not None and verifier.id not in token.scopes:
        raise _refused(f"The M2M token is not scoped to machine {verifier.id}.")
    return M2M_TOKENS.change(instance, token, origin, last_used_at=now) if stored else token


def _refused(why: str) -> ApiError:
    return ApiError.of(404, "resource_not_found", "not found", why)
