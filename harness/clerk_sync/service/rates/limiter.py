"""One limit for every source, enforced without asking Redis for each request.

A process takes permits in blocks of a twentieth of the limit and spends them by itself; the next
block is under way before the last is spent. So a source gets at most its limit from all processes
together, plus a block each where a window ends. While Redis is gone, each process grants the limit.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from logging import getLogger
from typing import Final

from limits import RateLimitItem

from clerk_sync.errors import RateLimitedError
from clerk_sync.service.rates.shared_permits import SharedPermits

__all__ = ["Limiter"]

MOST_SOURCES: Final = 10_000
"""Sources that a process remembers; above it the one that asked least recently is forgotten."""
BLOCKS: Final = 20
WAIT_S: Final = 0.05
"""Longest time that a request waits for Redis; then this process counts for itself."""
SHORTEST_REFUSAL_S: Final = 0.05
"""For so long a source that Redis refused is refused without asking again."""

_log = getLogger(__name__)


@dataclass(slots=True)
class _Account:
    """What this process knows of one source; times are of its monotonic clock."""

    permits: int = 0
    permits_until: float = 0.0
    refused_until: float = 0.0
    granted: int = 0
    borrowed: int = 0
    window_until: float = 0.0
    quiet_until: float = 0.0
    asked_at: float = 0.0
    refill: asyncio.Task[None] | None = None


class Limiter:
    """Counts what sources do.

    Args:
        name: Of what is limited, in the log, in metrics and in the answer's headers.
        limit: How much in which time.
        shared: What all processes count together.
        on_refusal: Called with the name for each refusal.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        limit: RateLimitItem,
        shared: SharedPermits,
        *,
        on_refusal: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._limit = limit
        self._window_s = float(limit.get_expiry())
        self._block = max(1, limit.amount // BLOCKS)
        self._shared = shared
        self._on_refusal = on_refusal
        self._clock = clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def spend_held(self, source: str) -> bool:
        """Spend a permit that this process holds; ``False`` when it holds none."""
        account = self._accounts.get(source)
        if account is None or not account.permits or self._clock() >= account.permits_until:
            return False
        account.permits -= 1
        if account.permits * 2 < self._block and self._block > 1 and self._shared.trusted:
            self._start_refill(source, account)
        return True

    async def spend(self, source: str) -> RateLimitedError | None:
        """Spend a permit; waits for Redis at most 50 ms.

        Returns:
            The refusal when the source has none left.
        """
        give_up_at = self._clock() + WAIT_S
        while not self.spend_held(source):
            account = self._account(source)
            if self._clock() < account.refused_until:
                return self._refuse(source, account)
            if self._shared.trusted:
                refill = self._start_refill(source, account)
                left = min(give_up_at, account.asked_at + WAIT_S) - self._clock()
                if left > 0:
                    await asyncio.wait([refill], timeout=left)
                    continue
            self._grant_locally(account)
        return None

    def refusal(self, source: str) -> RateLimitedError | None:
        """Return the refusal if the source was refused just now; spends nothing."""
        account = self._accounts.get(source)
        if account is None or self._clock() >= account.refused_until:
            return None
        return self._refuse(source, account)

    async def close(self) -> None:
        """Give up what is under way."""
        pending = [one.refill for one in self._accounts.values() if one.refill is not None]
        for refill in pending:
            refill.cancel()
        if pending:
            await asyncio.wait(pending)

    def _account(self, source: str) -> _Account:
        account = self._accounts.get(source)
        if account is None:
            account = self._accounts[source] = _Account()
            if len(self._accounts) > MOST_SOURCES:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(source)
        return account

    def _start_refill(self, source: str, account: _Account) -> asyncio.Task[None]:
        if account.refill is None:
            account.asked_at = self._clock()
            account.refill = asyncio.create_task(self._refill(source, account), name="rates-refill")
        return account.refill

    async def _refill(self, source: str, account: _Account) -> None:
        try:
            if self._clock() < account.refused_until:
                return
            granted = await self._shared.take(self._limit, f"{self._name}/{source}", self._block)
            if granted is None:
                return
            if granted.permits:
                self._begin_window(account)
                # Redis was late: what this process granted by itself meanwhile is paid back.
                repaid = min(account.borrowed, granted.permits)
                account.borrowed -= repaid
                until = self._clock() + self._window_s
                self._credit(account, granted.permits - repaid, until=until)
            else:
                pause = min(max(granted.again_in_s, SHORTEST_REFUSAL_S), self._window_s)
                account.refused_until = self._clock() + pause
        finally:
            account.refill = None

    def _grant_locally(self, account: _Account) -> None:
        self._begin_window(account)
        permits = min(self._block, self._limit.amount - account.granted)
        if permits > 0:
            account.borrowed += permits
            self._credit(account, permits, until=account.window_until)
        else:
            account.refused_until = account.window_until

    def _credit(self, account: _Account, permits: int, *, until: float) -> None:
        self._begin_window(account)
        held = account.permits if self._clock() < account.permits_until else 0
        account.permits = held + permits
        account.permits_until = until
        account.granted += permits

    def _begin_window(self, account: _Account) -> None:
        if self._clock() >= account.window_until:
            account.window_until = self._clock() + self._window_s
            account.granted = account.borrowed = 0

    def _refuse(self, source: str, account: _Account) -> RateLimitedError:
        self._on_refusal(self._name)
        now = self._clock()
        if now >= account.quiet_until:
            account.quiet_until = now + self._window_s
            _log.warning(
                "%s is refused: more than %s", source, self._limit, extra={"limit": self._name}
            )
        return RateLimitedError(
            name=self._name,
            quota=self._limit.amount,
            window_s=int(self._window_s),
            retry_after_s=max(1, math.ceil(account.refused_until - now)),
        )
