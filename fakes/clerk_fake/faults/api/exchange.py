"""A request that a fault strikes, and what every fault of the API looks like."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from clerk_fake.errors import ApiError
from clerk_fake.faults.api.pattern import PathPattern
from clerk_fake.faults.api.where import Where
from clerk_fake.faults.draws import Draws
from clerk_fake.faults.fault import Begun, Fault, Onset, SeamName
from clerk_fake.http.connection import Connection
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.instance import Instance

__all__ = ["ApiFault", "BegunApiFault", "Exchange", "Proceed"]

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


class BegunApiFault(Begun):
    """A fault of the API that is in force."""

    __slots__ = ()

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Do it to one request.

        Returns:
            What to send; ``None`` when the connection was dealt with already.
        """
        del exchange
        return await proceed()


@dataclass(frozen=True, slots=True)
class ApiFault(Fault, BegunApiFault):
    """A fault that strikes requests to Clerk's API.

    Attributes:
        method: The only method of the requests that it can strike; ``None`` for any.
        paths: Patterns of their paths.
    """

    seam: ClassVar[SeamName] = "api"
    where: ClassVar[type[Draws]] = Where
    method: ClassVar[str | None] = None
    paths: ClassVar[tuple[str, ...]] = ALL

    def aim(self, onset: Onset[Where]) -> Callable[[Request], bool]:
        """Return what tells whether a request is meant."""
        where = onset.where
        if where.method is not None and self.method not in {None, where.method}:
            raise ApiError.bad_value("method", f"{self.method}: {self.kind} strikes nothing else")
        pattern = where.pattern()
        reach = tuple(map(PathPattern, self.paths))

        def meant(request: Request) -> bool:
            return (
                where.method in (None, request.method)
                and self.method in (None, request.method)
                and pattern.covers(request.path)
                and any(each.covers(request.path) for each in reach)
            )

        return meant

    def begin(self, onset: Onset[Where]) -> BegunApiFault:
        """Be in force; most faults keep nothing, and are so by themselves."""
        del onset
        return self
