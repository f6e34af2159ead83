"""Tokens are issued by a clock that goes wrong."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.errors import ApiError
from clerk_fake.faults.api.exchange import ApiFault, Exchange, Proceed
from clerk_fake.http.response import Response
from clerk_fake.jsontypes import Between

__all__ = ["ClockSkew"]

FARTHEST_S: Final = 100 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ClockSkew(ApiFault):
    """All times in a session token are shifted alike; nothing else is.

    Attributes:
        skew_s: Positive for a token from the future, negative for one from the past.
    """

    kind: ClassVar[str] = "clock_skew"
    method: ClassVar[str | None] = "POST"
    paths: ClassVar[tuple[str, ...]] = ("/v1/*sessions/*/tokens*", "/v1/*sessions/*/refresh")

    skew_s: Annotated[int, Between(-FARTHEST_S, FARTHEST_S)]

    def check(self) -> None:
        """Refuse what would change nothing."""
        if not self.skew_s:
            raise ApiError.bad_value("skew_s", "another number than 0")

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Shift what the handler issues.

        Nothing but the handler comes behind this fault, and it never waits: no other request of
        the instance can be served between the two changes of the shift.
        """
        instance = exchange.instance
        if instance is None:
            return await proceed()
        before = instance.token_skew_s
        instance.token_skew_s = before + self.skew_s
        try:
            return await proceed()
        finally:
            instance.token_skew_s = before
