"""Which requests a fault strikes."""

from dataclasses import dataclass
from typing import Literal

from clerk_fake.faults.api.pattern import PathPattern
from clerk_fake.faults.draws import Draws

__all__ = ["Where"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where(Draws):
    """What is said about the requests when a fault is set.

    Attributes:
        method: Upper case; ``None`` for all.
        path: A ``PathPattern``; ``None`` for all that the kind of fault can strike.
    """

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: str | None = None

    def pattern(self) -> PathPattern:
        """Return the pattern of the path.

        Raises:
            ApiError: 422, it is none.
        """
        return PathPattern("*" if self.path is None else self.path)
