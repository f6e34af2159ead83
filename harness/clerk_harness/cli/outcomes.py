"""Wait for what became of deliveries."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from clerk_harness.clerk import Attempt, ClerkInstance
from clerk_harness.waiting import eventually

__all__ = ["Outcomes", "Pair", "Replays"]

Pair: TypeAlias = tuple[str, str]
"""A message and an endpoint, by their ids."""


class Outcomes:
    """The attempts of an instance from now on.

    Args:
        clerk: The instance.
    """

    def __init__(self, clerk: ClerkInstance) -> None:
        self._clerk = clerk
        self._seq = clerk.messages.last_attempt_seq()
        self._seen: dict[Pair, Attempt] = {}

    def of(self, pairs: Collection[Pair], *, within: float) -> Mapping[Pair, Attempt]:
        """Return the first attempt of each pair; without those that did not come.

        Args:
            pairs: What is waited for.
            within: Give up when nothing has come for so long, in seconds.
        """
        wanted = set(pairs)
        heard_at = time.monotonic()

        def done() -> bool:
            nonlocal heard_at
            if self._look() & wanted:
                heard_at = time.monotonic()
            return wanted <= self._seen.keys() or time.monotonic() - heard_at > within

        eventually(done, within=float("inf"), every=0.02)
        return {pair: self._seen[pair] for pair in pairs if pair in self._seen}

    def _look(self) -> set[Pair]:
        new = set()
        for attempt in self._clerk.messages.attempts(after=self._seq):
            self._seq = attempt.seq
            pair = (attempt.message_id, attempt.endpoint_id)
            if pair not in self._seen:
                self._seen[pair] = attempt
                new.add(pair)
        return new


class Replays:
    """The attempts that somebody asked for, from now on.

    Args:
        clerk: The instance.
    """

    def __init__(self, clerk: ClerkInstance) -> None:
        self._clerk = clerk
        self._seq = clerk.messages.last_attempt_seq()

    def ended(
        self,
        count: int,
        endpoint_ids: Collection[str],
        *,
        within: float,
        on_progress: Callable[[int], object],
    ) -> list[Attempt]:
        """Return ``count`` of them at these endpoints, or those that came.

        Args:
            count: How many are to come.
            endpoint_ids: At which endpoints.
            within: Give up when nothing has come for so long, in seconds.
            on_progress: Called with how many there are so far.
        """
        found: list[Attempt] = []
        heard_at = time.monotonic()

        def done() -> bool:
            nonlocal heard_at
            for attempt in self._clerk.messages.attempts(after=self._seq):
                self._seq = attempt.seq
                if attempt.trigger == "manual" and attempt.endpoint_id in endpoint_ids:
                    heard_at = time.monotonic()
                    found.append(attempt)
            on_progress(len(found))
            return len(found) >= count or time.monotonic() - heard_at > within

        eventually(done, within=float("inf"), every=0.02)
        return found
