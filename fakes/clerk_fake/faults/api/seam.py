"""Where faults come between a request and its handler."""

from functools import partial
from typing import TYPE_CHECKING, Final

from clerk_fake.http.auth import addressed_instance
from clerk_fake.http.connection import Connection
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.serving import Answer
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances

if TYPE_CHECKING:
    from clerk_fake.faults.active import ActiveFault
    from clerk_fake.faults.api.exchange import BegunApiFault
    from clerk_fake.faults.board import Faults
    from clerk_fake.http.machine_keys import MachineKeys

__all__ = ["ApiSeam"]

NEVER_TOUCHED: Final = ("/__fake__", "/dashboard", "/api/v1/")
"""The control plane, the page for people and Svix' API always work: none of them is Clerk's."""


class ApiSeam:
    """Lets the faults that strike a request act; implements ``Seam`` of the serving.

    Args:
        faults: All that were set.
        instances: All of the server.

    Attributes:
        idle: Whether there is no fault that might strike.
    """

    def __init__(self, faults: "Faults", instances: Instances) -> None:
        self.idle = True
        self._faults = faults
        self._instances = instances
        self._machine_keys: MachineKeys | None = None

    async def disturb(
        self, request: Request, answer: Answer, connection: Connection
    ) -> Response | None:
        """Let the faults that strike a request act, the outermost first."""
        if request.path == "/" or request.path.startswith(NEVER_TOUCHED):
            return answer()
        from clerk_fake.faults.api.exchange import Exchange  # noqa: PLC0415 - not while idle

        instance = self._addressed(request)
        concerned: list[ActiveFault[BegunApiFault]] = self._faults.striking(
            "api", None if instance is None else instance.id
        )

        async def reach(place: int) -> Response | None:
            for index in range(place, len(concerned)):
                active = concerned[index]
                if active.strikes(request):
                    exchange = Exchange(request, instance, connection, active.random, active.healed)
                    return await active.begun.act(exchange, partial(reach, index + 1))
            return answer()

        response = await reach(0)
        if any(active.state != "active" for active in concerned):
            self._faults.sort_out()
        return response

    def _addressed(self, request: Request) -> Instance | None:
        instance = addressed_instance(request, self._instances)
        if instance is not None:
            return instance
        if self._machine_keys is None:
            from clerk_fake.http.machine_keys import MachineKeys  # noqa: PLC0415 - seldom needed

            self._machine_keys = MachineKeys(self._instances)
        owner = self._machine_keys.owner(request)
        return None if owner is None else owner[0]
