"""What every fault looks like: what it is, and what it is while it is in force."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol, TypeAlias

from clerk_fake.http.connection import Connection
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.instance import Instance

__all__ = ["Begun", "Exchange", "Fault", "Proceed"]

Proceed: TypeAlias = Callable[[], Awaitable[Response | None]]
"""Lets the request go on: to the next fault that strikes it, and in the end to its handler."""

ALL: Final[tuple[str, ...]] = ("*",)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that a fault strikes.

    Attributes:
        request: What was asked.
        instance: Of whom; ``None`` when it is nobody's.
        connection: What it came over.
        random: The fault's own, seeded.
        healed: Set as soon as the fault is healed.
    """

    request: Request
    instance: Instance | None
    connection: Connection
    random: random.Random
    healed: asyncio.Event

    async def pause(self, seconds: float | None) -> bool:
        """Wait so long in real time (``None``: for ever), or until the fault is healed.

        Returns:
            Whether the client is still there.
        """
        gone = asyncio.ensure_future(self.connection.gone())
        healed = asyncio.ensure_future(self.healed.wait())
        try:
            await asyncio.wait({gone, healed}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return not gone.done()
        finally:
            gone.cancel()
            healed.cancel()


class Begun(Protocol):
    """A fault that is in force."""

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Do it to one request.

        Returns:
            What to send; ``None`` when the connection was dealt with already.
        """

    def end(self) -> None:
        """Put back what was changed when it began."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which things go wrong; a kind of fault is a subclass with its own settings.

    Attributes:
        kind: What the control plane calls it.
        method: The only method of the requests that it can strike; ``None`` for any.
        paths: Patterns of their paths.
        drawn: Whether requests are matched and drawn for it (``Where``); a fault that is in force
            for everybody until it is healed is not.
        lives_in_an_instance: Whether it cannot be set for a whole server.
    """

    kind: ClassVar[str]
    method: ClassVar[str | None] = None
    paths: ClassVar[tuple[str, ...]] = ALL
    drawn: ClassVar[bool] = True
    lives_in_an_instance: ClassVar[bool] = False

    def begin(self, instance: Instance | None) -> Begun:
        """Be in force; most faults keep nothing, and are so by themselves."""
        del instance
        return self

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Do it to one request (see ``Begun``)."""
        del exchange
        return await proceed()

    def end(self) -> None:
        """Put nothing back."""
