"""What a probe reads, whatever it reads it from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from clerk_harness.errors import HarnessError
from clerk_harness.target.contract import FieldsSpec

__all__ = ["Effect", "InboxEntry", "LocalUser", "Probe", "ProbeError"]


class ProbeError(HarnessError):
    """The probe could not read: the service is down, or the target file does not fit it."""


@dataclass(frozen=True)
class LocalUser:
    """One user as the service under test holds them.

    Attributes:
        id: The Clerk id.
        fields: Projected fields by Clerk's names; only those that the target declares.
        active: False for a tombstone.
        version: Clerk's ``updated_at`` in ms, where the target keeps it.
    """

    id: str
    fields: Mapping[str, Any]
    active: bool = True
    version: int | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any], fields: FieldsSpec) -> Self:
        """Read a row or a JSON object along the declared paths.

        Raises:
            ProbeError: A declared path is not in the row.
        """
        version = None if fields.version is None else _at(row, fields.version)
        return cls(
            id=str(_at(row, fields.id)),
            fields={name: _at(row, path) for name, path in fields.compared().items()},
            active=True if fields.active is None else bool(_at(row, fields.active)),
            version=None if version is None else int(version),
        )


@dataclass(frozen=True)
class InboxEntry:
    """One message as the service under test remembers it.

    Attributes:
        state: The service's own word; ``applied`` and ``ignored…`` mean settled.
        applications: How many transactions applied it; more than one is a defect. None when the
            service does not count them.
        received_at: Unix time in seconds, by the service's clock; None when it does not say.
        applied_at: The same, for the end of its processing.
    """

    svix_id: str
    state: str
    applications: int | None
    received_at: float | None = None
    applied_at: float | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row or a JSON object; only ``svix_id`` and ``state`` are required."""
        applications = row.get("applications")
        return cls(
            svix_id=str(_at(row, "svix_id")),
            state=str(_at(row, "state")),
            applications=None if applications is None else int(applications),
            received_at=_moment(row.get("received_at")),
            applied_at=_moment(row.get("applied_at")),
        )

    @property
    def settled(self) -> bool:
        """Whether the service is done with it."""
        return self.state == "applied" or self.state.startswith("ignored")


@dataclass(frozen=True)
class Effect:
    """One side effect, and the message that caused it."""

    svix_id: str
    kind: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row or a JSON object."""
        return cls(svix_id=str(_at(row, "svix_id")), kind=str(_at(row, "kind")))


class Probe(Protocol):
    """Reads what the service under test holds; None from a list means "cannot be listed here".

    Every method raises :class:`ProbeError` when it cannot read.
    """

    def user(self, clerk_id: str) -> LocalUser | None:
        """Read one user; None when there is no row."""

    def users(self) -> Sequence[LocalUser] | None:
        """List all users, tombstones included."""

    def inbox(self) -> Sequence[InboxEntry] | None:
        """List all messages received."""

    def effects(self) -> Sequence[Effect] | None:
        """List all side effects."""


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ProbeError(
                f"the probe's answer has no field {path}",
                f"correct [probe.fields] in the target file; the answer has {', '.join(row)}",
            )
        value = value[part]
    return value


def _moment(value: Any) -> float | None:
    if value is None:
        return None
    return float(value.timestamp() if hasattr(value, "timestamp") else value)
