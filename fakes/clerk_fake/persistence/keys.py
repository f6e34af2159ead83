"""The signing keys of the server in the file: the first one, its successor, and so on."""

from clerk_fake.persistence.file import StateFile
from clerk_fake.tokens.keys import SharedKey

__all__ = ["KeysOnFile", "read_signing_key"]


def read_signing_key(file: StateFile) -> SharedKey:
    """Return the key that signed before with its successors, or one that is still to be made."""
    return _read(file, 0) or SharedKey()


class KeysOnFile:
    """Writes keys before anything that they signed goes out.

    Args:
        file: Where to.
        first: From ``read_signing_key``.
    """

    def __init__(self, file: StateFile, first: SharedKey) -> None:
        self._file = file
        self._next: SharedKey | None = first
        self._last = first
        self._kept = 0
        while file.read_server(_name(self._kept)) is not None:
            self._pass_on(self._next or self._last)

    @property
    def due(self) -> bool:
        """Whether there is a key that is not in the file yet."""
        if self._next is None:
            self._next = self._last.known_successor
        return self._next is not None and self._next.ready

    def write(self) -> None:
        """Write the keys that are due, inside a transaction."""
        while self.due and self._next is not None:
            self._file.write_server(_name(self._kept), self._next.private_pem())
            self._pass_on(self._next)

    def _pass_on(self, kept: SharedKey) -> None:
        self._kept += 1
        self._last, self._next = kept, kept.known_successor


def _read(file: StateFile, number: int) -> SharedKey | None:
    pem = file.read_server(_name(number))
    return None if pem is None else SharedKey(pem, _read(file, number + 1))


def _name(number: int) -> str:
    return f"signing_key {number}"
