"""An endpoint's secret gives way to a new one, and both sign for a while.

So a receiver that has not heard of the new one yet goes on accepting messages, see
https://docs.svix.com/receiving/verifying-payloads/how and Standard Webhooks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.webhooks.signing.keys import SigningKey, signing_key

__all__ = [
    "DEFAULT_GRACE_MS",
    "MAX_GRACE_MS",
    "MAX_OLD_SECRETS",
    "OldSecret",
    "Rotation",
    "rotated",
    "signing_keys",
]

MAX_OLD_SECRETS: Final = 10
DAY_MS: Final = 86_400_000
DEFAULT_GRACE_MS: Final = DAY_MS
MAX_GRACE_MS: Final = 7 * DAY_MS
LAST_MOMENT_MS: Final = 253_402_300_799_000


@dataclass(frozen=True, slots=True)
class OldSecret:
    """A secret that was replaced.

    Attributes:
        text: ``whsec_…`` or ``whsk_…``.
        expires_at: From then on it signs nothing, ms of the instance's clock.
    """

    text: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """What an endpoint signs with after its secret was rotated.

    Attributes:
        secret: The new secret.
        old_secrets: Those that still sign as well, the first to expire first; at most ten.
    """

    secret: str
    old_secrets: tuple[OldSecret, ...]


def rotated(
    current: str,
    old: Sequence[OldSecret],
    new: str,
    *,
    now_ms: int,
    grace_ms: int = DEFAULT_GRACE_MS,
) -> Rotation:
    """Put ``new`` in the place of ``current``; secrets that are expired by now are forgotten.

    Args:
        current: The secret until now.
        old: Those that it had replaced.
        new: The secret from now on, as ``signing_key`` takes it.
        now_ms: The instance's time.
        grace_ms: How long ``current`` goes on signing: nothing to 7 days.

    Raises:
        ValueError: ``new`` is no key; the message says how one looks.
        ApiError: 422, ``grace_ms`` is out of bounds. 400, ``limit_reached``: there would be more
            than ten old secrets.
    """
    secret = signing_key(new).text
    if not 0 <= grace_ms <= MAX_GRACE_MS:
        raise ApiError.bad_value("grace_period_seconds", f"from 0 to {MAX_GRACE_MS // 1000}")
    replaced = OldSecret(current, now_ms + grace_ms)
    living = [one for one in (*old, replaced) if one.expires_at > now_ms]
    living.sort(key=lambda one: one.expires_at)
    if len(living) > MAX_OLD_SECRETS:
        raise _too_many(living[0].expires_at)
    return Rotation(secret, tuple(living))


def signing_keys(current: str, old: Sequence[OldSecret], now_ms: int) -> tuple[SigningKey, ...]:
    """Return the keys that sign now: the current one, then the old ones until they expire."""
    if not old:
        return (signing_key(current),)
    living = [signing_key(one.text) for one in old if one.expires_at > now_ms]
    return (signing_key(current), *living)


def _too_many(next_expiry_ms: int) -> ApiError:
    # The last day that a calendar knows is within reach of an instance's clock.
    moment = datetime.fromtimestamp(min(next_expiry_ms, LAST_MOMENT_MS) / 1000, UTC)
    return ApiError.of(
        400,
        "limit_reached",
        "limit reached",
        f"No more than {MAX_OLD_SECRETS} old secrets can be valid at once. "
        f"Wait until the next one expires, at {moment:%Y-%m-%dT%H:%M:%SZ}.",
    )
