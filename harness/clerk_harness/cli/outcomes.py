"""Wait for what became of deliveries."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from clerk_harness.clerk import Attempt, ClerkInstance
from clerk_harness.waiting import eventually

__all__ = ["Outcomes", "Pair"]

Pair: TypeAlias = tuple[str, str]
"""A message and an endpoint, by their ids."""


class Outcomes:
    """The attempts of an instance from now on.

    Args:
        clerk: The instance.
        on_progress: Called with how many outcomes there are so far.
    """

    def __init__(
        self, clerk: ClerkInstance, on_progress: Callable[[int], object] = lambda _known: None
    ) -> None:
        self._clerk = clerk
        self._on_progress = on_progress
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
                self._on_progress(len(wanted & self._seen.keys()))
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
