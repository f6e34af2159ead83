"""How the body of a request is sent, when not all of it at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Manner"]


@dataclass(frozen=True, slots=True)
class Manner:
    """A body that comes slowly, or not to its end.

    Attributes:
        slices: In how many parts it is sent, about equally long; the head goes with the first one.
        pause_s: How long to wait before each further part, in real seconds.
        cut_after: Close the connection when so many bytes are sent; the announced length stays.
            At least the last byte is missing. ``None`` to send all.

    Raises:
        ValueError: There is no such manner; the message says why.
    """

    slices: int = 1
    pause_s: float = 0
    cut_after: int | None = None

    def __post_init__(self) -> None:
        if self.slices < 1:
            raise ValueError("a body is sent in one slice at least")
        if self.pause_s < 0:
            raise ValueError("a pause cannot be negative")
        if self.cut_after is not None and self.cut_after < 0:
            raise ValueError("a body cannot be cut before its beginning")

    async def parts(self, head: bytes, body: bytes) -> AsyncIterator[bytes]:
        """Yield what is to be sent, each part when it is time."""
        length = len(body)
        if self.cut_after is not None:
            length = min(self.cut_after, max(length - 1, 0))
        slices = max(min(self.slices, length), 1)
        ends = [length * number // slices for number in range(slices + 1)]
        for number, (start, end) in enumerate(pairwise(ends)):
            if number:
                await asyncio.sleep(self.pause_s)
            yield body[start:end] if number else head + body[:end]
