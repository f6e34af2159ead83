"""What a receiver answered."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from clerk_fake.frozen import quickly_frozen

__all__ = ["Answer", "Headers"]


class Headers(tuple[tuple[str, str], ...]):  # noqa: SLOT001 - a tuple cannot cache in slots
    """Names in lower case, and values, as they came."""

    @cached_property
    def by_name(self) -> Mapping[str, str]:
        """The values by their names; of several with one name the last. Not to be changed."""
        return dict(self)


NO_HEADERS: Final = Headers()


@quickly_frozen
class Answer:
    """What a receiver answered.

    Attributes:
        status: HTTP status.
        body: The first 64 kB of the response body.
        latency_ms: From the call to the last byte, a new connection included.
        headers: Names in lower case, and values; those behind the first 16 kB are left out.
        resent: Whether it answers the second sending, because the first one was lost.
    """

    status: int
    body: bytes
    latency_ms: float
    headers: Headers = NO_HEADERS
    resent: bool = False

    def header(self, name: str) -> str | None:
        """Return the first value of a header, which is named in lower case."""
        for known, value in self.headers:
            if known == name:
                return value
        return None
