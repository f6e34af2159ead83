"""The public keys cannot be had, while everything else works."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from clerk_fake.faults.api.exchange import ApiFault, Exchange, Proceed
from clerk_fake.faults.api.server_error import Speaker, broken_response
from clerk_fake.http.response import Response
from clerk_fake.jsontypes import Between

__all__ = ["JwksOutage"]


@dataclass(frozen=True, slots=True)
class JwksOutage(ApiFault):
    """5xx for the key sets only: ``/v1/jwks`` and ``/i/{instance_id}/.well-known/jwks.json``.

    Attributes:
        status: 500 to 599.
        speaker: ``clerk`` or ``gateway``, as for ``ServerError``.
    """

    kind: ClassVar[str] = "jwks_outage"
    paths: ClassVar[tuple[str, ...]] = ("/v1/jwks", "*/.well-known/jwks.json")

    status: Annotated[int, Between(500, 599)] = 503
    speaker: Speaker = "gateway"

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Answer 5xx."""
        del exchange, proceed
        return broken_response(self.status, self.speaker)
