"""Progress: a line of its own on a terminal, else a line every few seconds; on stderr."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

__all__ = ["Shown", "shown"]

LINE_EVERY_S: Final = 3.0


class Shown:
    """Shows how far something has come.

    Args:
        stream: Where to.
        status: Rich's status on a terminal.
    """

    def __init__(self, stream: TextIO, status: Any | None = None) -> None:
        self._stream = stream
        self._status = status
        self._next_line_at = time.monotonic() + LINE_EVERY_S

    def __call__(self, text: str) -> None:
        """Show this now, or leave it out when something was shown a moment ago."""
        if self._status is not None:
            self._status.update(text)
        elif time.monotonic() >= self._next_line_at:
            self._next_line_at = time.monotonic() + LINE_EVERY_S
            self._stream.write(f"{text}\n")
            self._stream.flush()


@contextmanager
def shown() -> Iterator[Shown]:
    """Show progress on stderr for the length of the block."""
    if not sys.stderr.isatty():
        yield Shown(sys.stderr)
        return
    from rich.console import Console  # noqa: PLC0415 - only where a person looks

    with Console(stderr=True).status("begins") as status:
        yield Shown(sys.stderr, status)
