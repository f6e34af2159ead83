"""The bodies of messages: the youngest in memory, all others in a file without a name."""

import logging
from array import array
from itertools import islice
from typing import IO, Final

__all__ = ["Payloads"]

IN_MEMORY: Final = 32 * 1024 * 1024
"""How many bytes of bodies an instance keeps in memory."""

PORTION: Final = 1024 * 1024
"""How many bytes are moved to the file at a time: a millisecond's work."""

logger = logging.getLogger(__name__)


class Payloads:
    """Bodies in the order in which they came; each is found by its place, from 0.

    When there are too many for the memory, the oldest go to a file in the temporary folder
    (``TMPDIR`` moves it). The file has no name, so it is gone when it is closed or the process
    ends, however that comes about. When it cannot be written, the bodies stay in memory.

    Args:
        in_memory: How many bytes of bodies stay in memory.
        portion: How many bytes are moved to the file at a time.
    """

    def __init__(self, in_memory: int = IN_MEMORY, portion: int = PORTION) -> None:
        self._in_memory = in_memory
        self._portion = portion
        self._file: IO[bytes] | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything and close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._ends = array("Q")  # of the bodies in the file, in bytes from its beginning
        self._young: list[bytes] = []
        self._young_size = 0
        self._bound = self._in_memory

    def __len__(self) -> int:
        return len(self._ends) + len(self._young)

    def __getitem__(self, place: int) -> bytes:
        """Return the body at ``place``.

        Raises:
            IndexError: There is none.
        """
        if not 0 <= place < len(self):
            raise IndexError(place)
        if place >= len(self._ends):
            return self._young[place - len(self._ends)]
        begin = self._ends[place - 1] if place else 0
        return self._read(begin, self._ends[place] - begin)

    def append(self, body: bytes) -> None:
        """Keep a body behind all others."""
        self._young.append(body)
        self._young_size += len(body)
        if self._young_size > self._bound:
            self._spill()

    def _spill(self) -> None:
        begin = self._ends[-1] if self._ends else 0
        ends = array("Q")
        for body in self._young:
            ends.append((ends[-1] if ends else begin) + len(body))
            if ends[-1] - begin >= self._portion:
                break
        try:
            self._write(begin, b"".join(islice(self._young, len(ends))))
        except OSError as refused:
            self._bound *= 2  # so that it is not tried again at once
            logger.warning("payloads stay in memory, they cannot be put into a file: %s", refused)
            return
        del self._young[: len(ends)]
        self._young_size -= ends[-1] - begin
        self._ends.extend(ends)

    def _write(self, begin: int, bodies: bytes) -> None:
        file = self._opened()
        file.seek(begin)
        rest = memoryview(bodies)
        while rest:
            rest = rest[file.write(rest) :]

    def _read(self, begin: int, length: int) -> bytes:
        file = self._opened()
        file.seek(begin)
        body = file.read(length)
        while len(body) < length:
            further = file.read(length - len(body))
            if not further:
                raise OSError("somebody cut the file of the payloads")
            body += further
        return body

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            import tempfile  # noqa: PLC0415 - slow to import, and most servers never need it

            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by clear
        return self._file
