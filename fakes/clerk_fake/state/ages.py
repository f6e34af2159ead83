"""Ids in the order of their times."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

__all__ = ["Ages"]


class Ages:
    """Ids in the order of their times; those of one time in the order in which they came.

    What comes in the order of time, as nearly everything does, is only put at the end.
    """

    def __init__(self) -> None:
        self._times: list[int] = []
        self._ids: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._ids)

    def after(self, time: int, entity_id: str, *, falling: bool) -> Iterator[str]:
        """Yield the ids that follow one that came with this time, in either direction."""
        ids, place = self._ids, self.place(time, entity_id)
        following = range(place - 1, -1, -1) if falling else range(place + 1, len(ids))
        return map(ids.__getitem__, following)

    def place(self, time: int, entity_id: str) -> int:
        """Return how many ids are before one that came with this time."""
        return self._ids.index(entity_id, bisect_left(self._times, time))

    def add(self, time: int, entity_id: str) -> None:
        """Take an id in."""
        if not self._times or time >= self._times[-1]:
            self._times.append(time)
            self._ids.append(entity_id)
            return
        place = bisect_right(self._times, time)
        self._times.insert(place, time)
        self._ids.insert(place, entity_id)

    def remove(self, time: int, entity_id: str) -> None:
        """Take out an id that came with this time."""
        place = self.place(time, entity_id)
        del self._times[place]
        del self._ids[place]
