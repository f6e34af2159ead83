"""Turns in the order in which they are due; a million of them take little memory and no sorting."""

from collections import deque
from collections.abc import Container
from heapq import heappop, heappush

from clerk_fake.frozen import quickly_frozen

__all__ = ["Turn", "WaitingLine"]


@quickly_frozen
class Turn:
    """A message's turn to be sent.

    Attributes:
        message_id: What is sent.
        by_hand: Whether somebody asked for it, rather than the schedule.
    """

    message_id: str
    by_hand: bool = False


class WaitingLine:
    """Turns that wait; those that are due at the same time come out as they went in.

    Nearly all are due no sooner than whatever was added before them: they stand in line, as bare
    message ids. Only the others, such as retries, have to be sorted in.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Send everybody away."""
        self._line: deque[str | Turn] = deque()
        self._line_due: deque[int] = deque()
        self._sorted: list[tuple[int, int, Turn]] = []
        self._latest = 0
        self._added = 0

    def __len__(self) -> int:
        return len(self._line) + len(self._sorted)

    @property
    def next_due(self) -> int | None:
        """When the first one is due, ms; ``None`` when nobody waits."""
        first = self._line_due[0] if self._line_due else None
        if self._sorted and (first is None or self._sorted[0][0] < first):
            return self._sorted[0][0]
        return first

    def add(self, turn: Turn, due_at: int) -> None:
        """Let a turn wait until ``due_at``, ms."""
        if due_at >= self._latest or not len(self):
            self._latest = due_at
            self._line.append(turn if turn.by_hand else turn.message_id)
            self._line_due.append(due_at)
        else:
            self._added += 1
            heappush(self._sorted, (due_at, self._added, turn))

    def pop(self) -> Turn:
        """Take out the first one.

        Raises:
            IndexError: Nobody waits.
        """
        # Whoever was sorted in and is due at the same time as one in line came after that one.
        if self._sorted and not (self._line_due and self._line_due[0] <= self._sorted[0][0]):
            return heappop(self._sorted)[2]
        first = self._line.popleft()
        self._line_due.popleft()
        return Turn(first) if isinstance(first, str) else first

    def hasten(self, message_ids: Container[str], now: int) -> None:
        """Make these messages due now at the latest."""
        due: list[tuple[int, Turn]] = []
        while len(self):
            due_at = self.next_due or 0
            turn = self.pop()
            due.append((min(due_at, now) if turn.message_id in message_ids else due_at, turn))
        self.clear()
        for due_at, turn in sorted(due, key=lambda each: each[0]):
            self.add(turn, due_at)
