"""What was tried: every attempt to deliver a message, successful or not.

Kept in volumes, so that the oldest are forgotten cheaply. Long answers are kept like the bodies of
messages: the youngest in memory, the others in a file without a name.
"""

import marshal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from clerk_fake.events.payloads import Payloads
from clerk_fake.frozen import quickly_frozen

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["ATTEMPTS_KEPT", "SUCCESS", "Attempt", "Attempts", "Trigger"]

ATTEMPTS_KEPT: Final = 250_000
"""How many attempts an instance remembers at least; the oldest are forgotten first."""

VOLUMES: Final = 4
SHORT: Final = 512
"""Answers up to so many characters stay with their attempt."""
LONG_IN_MEMORY: Final = 4 * 1024 * 1024
"""So many bytes of longer ones stay in memory, per volume."""

SUCCESS: Final = range(200, 300)
"""Only these statuses mean that the receiver took the message."""

Trigger: TypeAlias = Literal["scheduled", "manual"]


@quickly_frozen
class Attempt:
    """One try to deliver one message to one endpoint.

    Attributes:
        id: ``atmpt_…``.
        seq: Place among all attempts of the instance, from 1.
        message_id: What was delivered.
        endpoint_id: To whom.
        url: The endpoint's URL at that time.
        number: Which attempt of this message at this endpoint, from 1.
        started_at: Real Unix time in ms.
        latency_ms: How long it took, ms.
        status: HTTP status; ``None`` when no answer came.
        error: Why no answer came, or not all of it, ``kind: detail``; ``None`` when it came.
        response_body: The first 64 kB of the answer's body.
        next_attempt_at: When the next one is due on the instance's clock, ms; ``None`` for never.
        timestamp: When it was made on the instance's clock, ms.
        trigger: Whether the schedule or somebody asked for it.
        request_headers: What was signed, and the endpoint's own.
        response_headers: Of the answer; names in lower case.
    """

    id: str
    seq: int
    message_id: str
    endpoint_id: str
    url: str
    number: int
    started_at: float
    latency_ms: float
    status: int | None
    error: str | None
    response_body: str
    next_attempt_at: int | None
    timestamp: int = 0
    trigger: Trigger = "scheduled"
    request_headers: Mapping[str, str] = field(default_factory=dict)
    response_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and self.status in SUCCESS


_PACKED: Final = [each.name for each in fields(Attempt) if each.name != "response_headers"]
_values_of: Final = attrgetter(*_PACKED)


def _packed(attempt: Attempt) -> bytes:
    try:
        return marshal.dumps(_values_of(attempt))
    except ValueError:  # the headers are another kind of mapping
        plain = replace(attempt, request_headers=dict(attempt.request_headers))
        return marshal.dumps(_values_of(plain))


class _Volume:
    """Some attempts in a row."""

    def __init__(self, first_seq: int) -> None:
        self.first_seq = first_seq
        # Half the memory of objects, and nothing that the garbage collector would look into. The
        # headers of an answer are those of many, so they are shared.
        self._rows: list[bytes] = []
        self._headers: list[Mapping[str, str]] = []
        self._long: Payloads | None = None
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, attempt: Attempt) -> None:
        if len(attempt.response_body) > SHORT:
            if self._long is None:
                self._long = Payloads(in_memory=LONG_IN_MEMORY)
            self._places[len(self._rows)] = len(self._long)
            self._long.append(attempt.response_body.encode())
            attempt = replace(attempt, response_body="")
        self._rows.append(_packed(attempt))
        self._headers.append(attempt.response_headers)

    def __getitem__(self, index: int) -> Attempt:
        attempt = self._bare(index)
        place = self._places.get(index)
        if place is None or self._long is None:
            return attempt
        return replace(attempt, response_body=self._long[place].decode())

    @property
    def next_seq(self) -> int:
        return self.first_seq + len(self._rows)

    def forget_content(self, index: int) -> Attempt:
        self._places.pop(index, None)
        attempt = replace(self._bare(index), response_body="", response_headers={})
        self._rows[index] = _packed(attempt)
        self._headers[index] = attempt.response_headers
        return attempt

    def _bare(self, index: int) -> Attempt:
        row = marshal.loads(self._rows[index])  # noqa: S302 - nobody else has written it
        named = dict(zip(_PACKED, row, strict=True))
        return Attempt(**named, response_headers=self._headers[index])

    def close(self) -> None:
        if self._long is not None:
            self._long.clear()


class Attempts:
    """The attempts of one instance, oldest first.

    Args:
        kept: How many are remembered at least.
    """

    def __init__(self, kept: int = ATTEMPTS_KEPT) -> None:
        self.changes: Changes | None = None
        self._in_volume = max(kept // VOLUMES, 1)
        self._volumes: list[_Volume] = []

    @property
    def next_seq(self) -> int:
        """The ``seq`` of the attempt that comes next."""
        return self._volumes[-1].next_seq if self._volumes else 1

    def append(self, attempt: Attempt) -> None:
        """Remember an attempt."""
        if not self._volumes or len(self._volumes[-1]) >= self._in_volume:
            self._volumes.append(_Volume(attempt.seq))
            if len(self._volumes) > VOLUMES + 1:
                self._forget(self._volumes.pop(0))
        self._volumes[-1].append(attempt)
        if self.changes is not None:
            self.changes.put("attempts", str(attempt.seq), attempt)

    def forget_content(self, seq: int) -> None:
        """Forget what was answered to an attempt."""
        for volume in self._volumes:
            if volume.first_seq <= seq < volume.next_seq:
                attempt = volume.forget_content(seq - volume.first_seq)
                if self.changes is not None:
                    self.changes.put("attempts", str(seq), attempt)

    def after(self, seq: int) -> Iterator[Attempt]:
        """Yield the remembered attempts behind ``seq``, oldest first."""
        for volume in tuple(self._volumes):
            for index in range(max(seq - volume.first_seq + 1, 0), len(volume)):
                yield volume[index]

    def before(self, seq: int | None = None) -> Iterator[Attempt]:
        """Yield the remembered attempts in front of ``seq`` (``None``: all), youngest first."""
        for volume in reversed(self._volumes):
            end = len(volume) if seq is None else min(seq - volume.first_seq, len(volume))
            for index in range(end - 1, -1, -1):
                yield volume[index]

    def replace_all(self, attempts: Iterable[Attempt]) -> None:
        """Remember exactly these (from a snapshot, or none)."""
        self.close()
        if self.changes is not None:
            self.changes.wipe("attempts")
        for attempt in attempts:
            self.append(attempt)

    def close(self) -> None:
        """Forget everything and let go of the files."""
        for volume in self._volumes:
            volume.close()
        self._volumes = []

    def _forget(self, volume: _Volume) -> None:
        if self.changes is not None:
            for seq in range(volume.first_seq, volume.next_seq):
                self.changes.remove("attempts", str(seq))
        volume.close()
