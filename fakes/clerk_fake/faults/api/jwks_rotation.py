"""Clerk signs with a new key."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.api.exchange import ApiFault, BegunApiFault, Exchange, Proceed
from clerk_fake.faults.api.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.http.response import Response
from clerk_fake.jsontypes import Between
from clerk_fake.tokens.signing_key import KeyVersion, SigningKey

__all__ = ["JwksRotation"]

LONGEST_S: Final = 100 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class JwksRotation(ApiFault):
    """A new key signs at once; when this is healed, it is gone and the one before signs again.

    Attributes:
        overlap_s: How long the old key is still published, on the instance's clock.
    """

    kind: ClassVar[str] = "jwks_rotation"
    drawn: ClassVar[bool] = False
    said: ClassVar[frozenset[str] | None] = frozenset()
    lives_in_an_instance: ClassVar[bool] = True

    overlap_s: Annotated[float, Between(0, LONGEST_S)] = 300.0

    def begin(self, onset: Onset[Where]) -> BegunApiFault:
        """Rotate."""
        instance = onset.instance
        if instance is None:
            return self
        onset.tally.hit()
        key = instance.signing_key
        return _Rotated(key, key.rotate(round(self.overlap_s * 1000)))


@dataclass(frozen=True, slots=True)
class _Rotated(BegunApiFault):
    key: SigningKey
    version: KeyVersion

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        del exchange
        return await proceed()

    def end(self) -> None:
        self.key.withdraw(self.version)
