"""Clerk has had enough."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.errors import ApiError
from clerk_fake.faults.api.exchange import ApiFault, Exchange, Proceed
from clerk_fake.http.refusals import refused
from clerk_fake.http.response import Response
from clerk_fake.jsontypes import Between

__all__ = ["RateLimit"]

LONGEST_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class RateLimit(ApiFault):
    """429 ``too_many_requests``; nothing is changed.

    Attributes:
        retry_after_s: What ``Retry-After`` says.
    """

    kind: ClassVar[str] = "rate_limit"

    retry_after_s: Annotated[int, Between(0, LONGEST_S)] = 10

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Refuse."""
        del exchange, proceed
        return refused(ApiError.too_many_requests(self.retry_after_s))
