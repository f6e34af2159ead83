"""The one polling loop of the whole tree."""

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["WaitTimeoutError", "eventually"]

T = TypeVar("T")


class WaitTimeoutError(TimeoutError):
    """What was waited for did not come in time.

    Attributes:
        within: How long it was waited for, in seconds.
        last: The last value seen, or the last ``AssertionError``.
    """

    def __init__(self, what: str, *, within: float, last: object) -> None:
        self.within = within
        self.last = last
        super().__init__(f"{what} did not happen within {within:g} s; last seen: {last!r}")


def eventually(
    check: Callable[[], T | None],
    *,
    within: float,
    every: float = 0.05,
    describe: str | None = None,
) -> T:
    """Call ``check`` until it returns something truthy, and return that.

    Args:
        check: Asked again and again; an ``AssertionError`` counts as "not yet".
        within: Limit in seconds; the check always runs at least once, and once more at the end.
        every: Pause between two calls, in seconds.
        describe: What is waited for, for the error.

    Raises:
        WaitTimeoutError: The limit passed; carries the last value or assertion.
    """
    deadline = time.monotonic() + within
    while True:
        last_chance = time.monotonic() >= deadline
        last: object
        try:
            value = check()
        except AssertionError as not_yet:
            last = not_yet
        else:
            if value:
                return value
            last = value
        if last_chance:
            raise WaitTimeoutError(
                describe or str(getattr(check, "__qualname__", "it")), within=within, last=last
            )
        time.sleep(min(every, max(deadline - time.monotonic(), 0)))
