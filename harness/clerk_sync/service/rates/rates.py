"""The limits of one process: which there are, and what counts against which."""

from collections.abc import Callable
from typing import Final

from limits import parse

from clerk_sync.config import Settings
from clerk_sync.errors import (
    ClerkSyncError,
    InvalidTokenError,
    RateLimitedError,
)
from clerk_sync.option_values import OFF
from clerk_sync.service.rates.limiter import Limiter
from clerk_sync.service.rates.shared_permits import SharedPermits

__all__ = ["Rates"]

FORGED: Final = frozenset(
    {
        *("missing_header", "malformed_header", "bad_signature"),
        *("malformed", "wrong_algorithm", "unknown_key", "wrong_issuer"),
    }
)
"""Reasons of refusals that no honest sender gives again and again; a token may well expire."""
NOT_A_GUESS: Final = "missing_token"


class Rates:
    """Limits per source; one that is off admits everybody.

    Args:
        settings: Give the rates, and Redis.
        on_refusal: Called with the name of the limit for each refusal.
    """

    def __init__(self, settings: Settings, *, on_refusal: Callable[[str], None]) -> None:
        self._shared = SharedPermits(settings.redis_url)
        self._limiters: list[Limiter] = []

        def limiter(name: str, rate: str) -> Limiter | None:
            if rate == OFF:
                return None
            made = Limiter(name, parse(rate), self._shared, on_refusal=on_refusal)
            self._limiters.append(made)
            return made

        self.webhooks = limiter("webhooks", settings.webhook_rate)
        self.api = limiter("api", settings.api_rate)
        self._guesses = limiter("operator_guesses", settings.failure_rate)
        self._forgeries = limiter("forgeries", settings.failure_rate)

    def start(self) -> None:
        """Begin to count."""
        if self._limiters:
            self._shared.start()

    def check_guesser(self, source: str) -> None:
        """Refuse, unheard, whoever guessed too many operator tokens.

        Raises:
            RateLimitedError: The source must wait, even if the next token were right.
        """
        if self._guesses is not None and (refusal := self._guesses.refusal(source)):
            raise refusal

    async def count_guess(self, source: str, wrong: InvalidTokenError) -> ClerkSyncError:
        """Count a wrong operator token; returns what to answer."""
        if wrong.reason == NOT_A_GUESS:
            return wrong
        return await _count(self._guesses, source, wrong)

    async def count_refused(self, source: str, refused: ClerkSyncError) -> ClerkSyncError:
        """Count a refused webhook or session token; returns what to answer.

        Only the refused ones are limited: what is signed by Clerk is always taken, whatever else
        comes from its address, for behind a proxy all senders may share one.
        """
        if getattr(refused, "reason", "") not in FORGED:
            return refused
        return await _count(self._forgeries, source, refused)

    async def close(self) -> None:
        """Hang up."""
        for limiter in self._limiters:
            await limiter.close()
        await self._shared.close()


async def _count(
    limiter: Limiter | None, source: str, refused: ClerkSyncError
) -> ClerkSyncError | RateLimitedError:
    if limiter is None:
        return refused
    return await limiter.spend(source) or refused
