"""What is said when a token or a key is revoked."""

from dataclasses import dataclass

__all__ = ["Revocation"]


@dataclass(frozen=True, slots=True)
class Revocation:
    """The form of a revocation.

    Attributes:
        revocation_reason: For the record.
    """

    revocation_reason: str | None = None
