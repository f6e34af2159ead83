"""The key of an instance, and those that it had before.

A new key signs from the moment it is there. The old one is still published for an overlap, so that
what it signed stays good while clients fetch the new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clerk_fake.clock import Clock
from clerk_fake.tokens.keys import NamedKey, PublicJwk, SharedKey

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["KeyVersion", "KeyVersions", "RecordedVersion", "SigningKey"]


@dataclass(slots=True)
class KeyVersion:
    """One of the keys of an instance.

    Attributes:
        key: The key.
        overlap_ms: How long it is still published after another has taken its place.
        replaced_at: When that was, on the instance's clock; ``None`` while it signs.
    """

    key: NamedKey
    overlap_ms: int = 0
    replaced_at: int | None = None

    @property
    def published_until(self) -> int | None:
        """When it goes, on the instance's clock; ``None`` while it signs."""
        return None if self.replaced_at is None else self.replaced_at + self.overlap_ms


@dataclass(frozen=True, slots=True)
class RecordedVersion:
    """One of the keys, as it is written down.

    Attributes:
        kid: Its id.
        generation: Its numbers: 0 for the first key of the server, 1 for its successor…
        overlap_ms: As in ``KeyVersion``.
        replaced_at: As in ``KeyVersion``.
    """

    kid: str
    generation: int
    overlap_ms: int
    replaced_at: int | None


@dataclass(frozen=True, slots=True)
class KeyVersions:
    """All of the keys, as they are written down.

    Attributes:
        rotations: How often another key came.
        versions: Oldest first.
    """

    rotations: int
    versions: tuple[RecordedVersion, ...]


class SigningKey:
    """What an instance signs with, and what proves its signatures.

    Args:
        kid: Of the first key; Clerk uses the instance id.
        shared: Where the numbers of the first key come from.
        clock: The instance's.
    """

    def __init__(self, kid: str, shared: SharedKey, clock: Clock) -> None:
        self.changes: Changes | None = None
        self._clock = clock
        self._shared = shared
        self._versions = [KeyVersion(NamedKey(kid, shared))]
        self._rotations = 0

    @property
    def kid(self) -> str:
        """The id of the key that signs now."""
        return self._current.key.kid

    def sign(self, message: bytes) -> bytes:
        """Return the RS256 signature of ``message``."""
        return self._current.key.sign(message)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether ``signature`` is that of a published key for ``message``."""
        return any(version.key.verifies(signature, message) for version in self.published())

    def public_pem(self) -> str:
        """Return the public half of the key that signs now, for ``jwt_key`` options of the SDKs."""
        return self._current.key.public_pem()

    def public_jwks(self) -> tuple[PublicJwk, ...]:
        """Return the published keys as JSON Web Keys, the one that signs first."""
        return tuple(version.key.public_jwk() for version in self.published())

    def published(self) -> Iterator[KeyVersion]:
        """Yield the key that signs and those whose overlap has not passed, youngest first."""
        now_ms = self._clock.now_ms()
        for version in reversed(self._versions):
            until = version.published_until
            if until is None or until > now_ms:
                yield version

    def rotate(self, overlap_ms: int) -> KeyVersion:
        """Sign with a new key under a new ``kid``, and publish the old one for ``overlap_ms``."""
        old = self._current
        old.overlap_ms, old.replaced_at = overlap_ms, self._clock.now_ms()
        self._rotations += 1
        kid = f"{self._versions[0].key.kid}_{self._rotations}"
        new = KeyVersion(NamedKey(kid, old.key.shared.successor()))
        new.key.shared.prepare()
        self._versions.append(new)
        self._record()
        return new

    def withdraw(self, version: KeyVersion) -> None:
        """Be as if ``version`` had never come: if it signs, the one before it does again."""
        if version in self._versions[1:]:
            self._versions.remove(version)
            self._current.replaced_at = None
            self._record()

    def back_to_first(self) -> None:
        """Be as if there had never been another key than the first."""
        del self._versions[1:]
        self._current.replaced_at = None
        self._record()

    def restore(self, recorded: KeyVersions) -> None:
        """Have the keys that were written down."""
        self._rotations = recorded.rotations
        self._versions = [
            KeyVersion(
                NamedKey(version.kid, self._generation(version.generation)),
                version.overlap_ms,
                version.replaced_at,
            )
            for version in recorded.versions
        ]

    def _record(self) -> None:
        if self.changes is None:
            return
        versions = [
            RecordedVersion(
                version.key.kid,
                self._number(version.key.shared),
                version.overlap_ms,
                version.replaced_at,
            )
            for version in self._versions
        ]
        self.changes.put("signing_key", "", KeyVersions(self._rotations, tuple(versions)))

    def _generation(self, number: int) -> SharedKey:
        shared = self._shared
        for _ in range(number):
            shared = shared.successor()
        return shared

    def _number(self, wanted: SharedKey) -> int:
        number, shared = 0, self._shared
        while shared is not wanted:
            number, shared = number + 1, shared.successor()
        return number

    @property
    def _current(self) -> KeyVersion:
        return self._versions[-1]
