"""The id of the request that is being answered: in its answer, its log lines and its audit rows."""

import re
import secrets
from contextvars import ContextVar
from itertools import count
from typing import Final

__all__ = ["RequestIds", "current_request_id"]

_SANE: Final = re.compile(rb"[A-Za-z0-9._:\-]{1,128}")
_CURRENT: Final[ContextVar[str]] = ContextVar("clerk_sync.request_id", default="")


def current_request_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return _CURRENT.get()


class RequestIds:
    """Gives every request an id; one object per process.

    Made ids are a random prefix and a number: unique, and not worth guessing.
    """

    def __init__(self) -> None:
        self._prefix = f"req_{secrets.token_hex(6)}_"
        self._numbers = count(1)

    def begin(self, offered: bytes | None) -> str:
        """Choose the id of the request that begins, the one that its sender offers if it is sane.

        Whatever this task does from here on, and tasks that it starts, belong to the id.
        """
        if offered is not None and _SANE.fullmatch(offered):
            chosen = offered.decode("ascii")
        else:
            chosen = f"{self._prefix}{next(self._numbers):x}"
        _CURRENT.set(chosen)
        return chosen
