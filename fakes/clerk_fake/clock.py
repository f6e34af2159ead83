"""The clock of an instance: real by default, and it can be turned.

All times are Unix milliseconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["Clock", "ClockReading", "ClockSetting", "real_now_ms"]


def real_now_ms() -> int:
    """Return the machine's time in Unix milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock shows.

    Attributes:
        now_ms: Its time.
        offset_ms: How far it is ahead of the machine's clock.
        frozen: Whether it stands still.
    """

    now_ms: int
    offset_ms: int
    frozen: bool


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """What somebody did to a clock, independent of what time it is.

    Attributes:
        offset_ms: How far it was put ahead of the machine's clock.
        frozen_at: Where it stands; ``None`` while it runs.
        turned_ms: How far it was turned forward by hand since it exists.
    """

    offset_ms: int = 0
    frozen_at: int | None = None
    turned_ms: int = 0


class Clock:
    """A clock that can be advanced, set and frozen; listeners hear of every turn.

    Args:
        real: Where real time comes from, in Unix milliseconds.
    """

    def __init__(self, real: Callable[[], int] = real_now_ms) -> None:
        self.changes: Changes | None = None
        self._real = real
        self._offset_ms = 0
        self._frozen_at: int | None = None
        self._turned_ms = 0
        self._shown = 0
        self._listeners: list[Callable[[], None]] = []

    def now_ms(self) -> int:
        """Return this clock's time; one object per ms, since entities keep millions of them."""
        now = self._frozen_at
        if now is None:
            now = self._real() + self._offset_ms
        if now != self._shown:
            self._shown = now
        return self._shown

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still until somebody turns it."""
        return self._frozen_at is not None

    @property
    def turned_ms(self) -> int:
        """How far it was turned forward by hand since it exists; never falls."""
        return self._turned_ms

    def reading(self) -> ClockReading:
        """Return time, offset and state in one piece."""
        real = self._real()
        now = self._at(real)
        return ClockReading(now_ms=now, offset_ms=now - real, frozen=self.frozen)

    def advance(self, by_ms: int) -> None:
        """Turn the clock forward by ``by_ms``."""
        real = self._real()
        self._set(real, target=self._at(real) + by_ms, frozen=self.frozen)

    def turn(self, *, now_ms: int | None = None, frozen: bool | None = None) -> None:
        """Set the time, freeze or thaw; what is ``None`` stays as it is."""
        real = self._real()
        self._set(
            real,
            target=self._at(real) if now_ms is None else now_ms,
            frozen=self.frozen if frozen is None else frozen,
        )

    def back_to_real(self) -> None:
        """Show the machine's time again."""
        real = self._real()
        self._set(real, target=real, frozen=False)

    def setting(self) -> ClockSetting:
        """Return how it is set, for ``restore``."""
        return ClockSetting(self._offset_ms, self._frozen_at, self._turned_ms)

    def restore(self, setting: ClockSetting) -> None:
        """Be set like this; listeners are not told."""
        self._offset_ms = setting.offset_ms
        self._frozen_at = setting.frozen_at
        self._turned_ms = setting.turned_ms
        if self.changes is not None:
            self.changes.put("clock", "", setting)

    def on_turn(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every turn."""
        self._listeners.append(listener)

    def off_turn(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` no more, if it was called until now."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def _at(self, real: int) -> int:
        return real + self._offset_ms if self._frozen_at is None else self._frozen_at

    def _set(self, real: int, *, target: int, frozen: bool) -> None:
        self._turned_ms += max(target - self._at(real), 0)
        self._offset_ms = target - real
        self._frozen_at = target if frozen else None
        if self.changes is not None:
            self.changes.put("clock", "", self.setting())
        for listener in tuple(self._listeners):
            listener()
