"""What was last read of users, for the moments in which Postgres does not answer.

While Postgres answers, it is asked every time, so whoever was deleted, banned or signed out is out
with the commit that says so. Only when it does not, a user who was let in less than two seconds
ago is let in on the strength of that: a failover is not noticed, and nobody gets in for longer.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from clerk_sync.store.users import StoredUser

__all__ = ["KnownUsers"]

MOST: Final = 10_000


class KnownUsers:
    """Users who were let in a moment ago, by their session.

    Args:
        max_age_s: For how long what was read counts; 0 keeps nothing.
        clock: Monotonic seconds.
    """

    def __init__(self, *, max_age_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_age_s = max_age_s
        self._clock = clock
        self._users: OrderedDict[tuple[str, str | None], tuple[float, StoredUser]] = OrderedDict()

    def now(self) -> float:
        """Return the time that ``keep`` and ``find`` go by."""
        return self._clock()

    def keep(self, user: StoredUser, session_id: str | None, *, read_at: float) -> None:
        """Keep a user who was let in.

        Args:
            user: As it was read.
            session_id: The session whose token was shown.
            read_at: When Postgres was asked, not when it answered.
        """
        key = (user.clerk_id, session_id)
        self._users[key] = (read_at, user)
        self._users.move_to_end(key)
        while len(self._users) > MOST:
            self._users.popitem(last=False)

    def drop(self, clerk_id: str, session_id: str | None) -> None:
        """Forget a user who was refused."""
        self._users.pop((clerk_id, session_id), None)

    def find(self, clerk_id: str, session_id: str | None) -> StoredUser | None:
        """Return a user who was let in with this session less than the limit ago."""
        read_at, user = self._users.get((clerk_id, session_id), (float("-inf"), None))
        return user if self._clock() - read_at < self._max_age_s else None
