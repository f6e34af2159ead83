"""Users who keep changing in Clerk while something else happens."""

import random
import threading
from types import TracebackType
from typing import Self

from clerk_harness.clerk import ClerkInstance
from clerk_harness.errors import HarnessError
from clerk_harness.ledger import Ledger
from clerk_harness.target import Probe, ProbeError
from clerk_harness.waiting import eventually

__all__ = ["Traffic"]

_SHARE_NEW = 0.4
_SHARE_DELETED = 0.1


class Traffic:
    """A thread that creates, updates and deletes users at a steady rate, until it is left.

    After each change it looks at one user through the probe, so that a version that falls is seen.

    Args:
        clerk: Where the changes are made.
        probe: What is looked at.
        ledger: Where sightings are kept.
        rng: Decides who changes, and how.
        rate: Changes per second.
        label: Part of the e-mail addresses; unique per experiment.
    """

    def __init__(  # noqa: PLR0913 - one experiment's whole surroundings
        self,
        clerk: ClerkInstance,
        probe: Probe,
        ledger: Ledger,
        *,
        rng: random.Random,
        label: str,
        rate: float = 20,
    ) -> None:
        self._clerk = clerk
        self._probe = probe
        self._ledger = ledger
        self._rng = rng
        self._label = label
        self._pause_s = 1 / rate
        self._stop = threading.Event()
        self._made = 0
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="clerk-traffic", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and raise what went wrong in the thread, if anything did."""
        self._stop.set()
        self._thread.join(timeout=30)
        if self._broken is not None and error is None:
            raise HarnessError("the traffic broke off", str(self._broken)) from self._broken

    @property
    def made(self) -> int:
        """Changes made so far."""
        return self._made

    def flow(self, changes: int, *, within: float = 30) -> None:
        """Wait until that many more changes have been made.

        Raises:
            WaitTimeoutError: They were not made in time.
        """
        goal = self._made + changes
        eventually(
            lambda: self._made >= goal or self._broken,
            within=within,
            describe=f"{changes} changes in Clerk",
        )

    def _run(self) -> None:
        users: list[str] = []
        try:
            while not self._stop.wait(self._pause_s):
                self._change_somebody(users)
                self._made += 1
                self._look_at_somebody(users)
        except Exception as problem:  # noqa: BLE001 - raised again by __exit__, in the caller's thread
            self._broken = problem

    def _change_somebody(self, users: list[str]) -> None:
        draw = self._rng.random()
        if not users or draw < _SHARE_NEW:
            number = f"{self._label}-{self._made}"
            user = self._clerk.users.create(f"{number}@example.com", first_name=number)
            users.append(user.id)
        elif draw < _SHARE_NEW + _SHARE_DELETED:
            self._clerk.users.delete(users.pop(self._rng.randrange(len(users))))
        else:
            self._clerk.users.update(self._rng.choice(users), last_name=f"Change {self._made}")

    def _look_at_somebody(self, users: list[str]) -> None:
        if not users:
            return
        try:
            row = self._probe.user(self._rng.choice(users))
        except ProbeError:
            return  # the service is down, which is what an experiment may well want
        if row is not None and row.version is not None:
            self._ledger.see(row.id, row.version)
