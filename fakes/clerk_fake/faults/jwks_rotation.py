"""Clerk signs with a new key."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.fault import Fault
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between

__all__ = ["JwksRotation"]

LONGEST_S: Final = 100 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class JwksRotation(Fault):
    """A new key signs at once; when this is healed, it is gone and the one before signs again.

    Attributes:
        overlap_s: How long the old key is still published, on the instance's clock.
    """

    kind: ClassVar[str] = "jwks_rotation"
    drawn: ClassVar[bool] = False
    lives_in_an_instance: ClassVar[bool] = True

    overlap_s: Annotated[float, Between(0, LONGEST_S)] = 300.0

    def begin(self, instance: Instance) -> Callable[[], None]:
        """Rotate."""
        key = instance.signing_key
        return partial(key.withdraw, key.rotate(round(self.overlap_s * 1000)))
