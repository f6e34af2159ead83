"""How long an endpoint has taken nothing, and whether that is long enough to disable it.

Rule: https://docs.svix.com/retries. The five days are counted from the first failure, as soon as
there were failures at least 12 hours apart within 24 hours, and no success in between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["FailingEndpoint", "Failures"]

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
SPAN_MS: Final = 24 * HOUR_MS
APART_MS: Final = 12 * HOUR_MS
DISABLED_AFTER_MS: Final = 5 * 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class FailingEndpoint:
    """An endpoint that has taken nothing for a while.

    Attributes:
        endpoint_id: Which.
        recent: When it failed in the last 24 hours, one per minute, oldest first; only until the
            clock has started.
        since: Since when it fails, once the clock has started; all on the instance's clock, ms.
    """

    endpoint_id: str
    recent: tuple[int, ...] = ()
    since: int | None = None

    def failed(self, at: int) -> "FailingEndpoint":
        """Return how it stands after one more failure."""
        if self.since is not None:
            return self
        if self.recent and abs(at - self.recent[-1]) < MINUTE_MS:
            return self
        recent = sorted(when for when in (*self.recent, at) if when > at - SPAN_MS)
        if recent[-1] - recent[0] >= APART_MS:
            return replace(self, recent=(), since=recent[0])
        return replace(self, recent=tuple(recent))

    def too_long(self, at: int) -> bool:
        """Tell whether it has failed for so long by now that it is disabled."""
        return self.since is not None and at - self.since >= DISABLED_AFTER_MS


class Failures:
    """The endpoints of one stream that take nothing."""

    def __init__(self) -> None:
        self.changes: Changes | None = None
        self._by_id: dict[str, FailingEndpoint] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[FailingEndpoint]:
        return iter(tuple(self._by_id.values()))

    def since(self, endpoint_id: str) -> int | None:
        """Return since when an endpoint has been failing, once that counts."""
        failing = self._by_id.get(endpoint_id)
        return None if failing is None else failing.since

    def note_failure(self, endpoint_id: str, at: int) -> bool:
        """Note that an attempt failed.

        Args:
            endpoint_id: Whose.
            at: When, on the instance's clock, ms.

        Returns:
            Whether the endpoint is to be disabled.
        """
        old = self._by_id.get(endpoint_id) or FailingEndpoint(endpoint_id)
        new = old.failed(at)
        if new is not old or endpoint_id not in self._by_id:
            self._keep(new)
        return new.too_long(at)

    def forget(self, endpoint_id: str) -> None:
        """Note that an endpoint took a message, was enabled or is gone."""
        if endpoint_id not in self._by_id:
            return
        del self._by_id[endpoint_id]
        if self.changes is not None:
            self.changes.remove("failures", endpoint_id)

    def replace_all(self, failing: Iterable[FailingEndpoint]) -> None:
        """Know exactly these (from a snapshot, or none)."""
        self._by_id = {}
        if self.changes is not None:
            self.changes.wipe("failures")
        for each in failing:
            self._keep(each)

    def _keep(self, failing: FailingEndpoint) -> None:
        self._by_id[failing.endpoint_id] = failing
        if self.changes is not None:
            self.changes.put("failures", failing.endpoint_id, failing)
