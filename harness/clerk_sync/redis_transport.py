"""Kombu's Redis transport, made to come back from every loss of Redis, quickly and every time.

Three habits of the stock transport stand in the way, tried with Redis killed again and again
while events flow:

- Acknowledgements are book-kept in Redis. One that fails because Redis is just gone never gives
  its prefetch credit back, and the worker is deaf for good, often after the second loss (celery
  issues 8030, 8091, 9054, 10205). Here they stay in memory, which also saves four round trips.
- On a lost connection it puts what is unacknowledged back, and when it cannot it dumps it into a
  file in the temporary folder. Here it is simply forgotten.
- It waits 2 s, 4 s, … 30 s between tries to reconnect. Here at most one second.

All of this is right only because a wake-up is not the truth: the sweeper wakes again for whatever
is still open in the inbox, sooner than a visibility timeout would bring a task back.
"""

from typing import Any, Final

from celery.app.amqp import AMQP  # type: ignore[import-untyped]  # celery ships no types
from kombu.connection import Connection
from kombu.transport import redis

__all__ = ["WakeUpAmqp"]

_RECONNECT: Final = {"interval_start": 0.1, "interval_step": 0.2, "interval_max": 1.0}
"""Seconds between tries; celery cannot be configured to it."""


class _Channel(redis.Channel):
    ack_emulation = False
    do_restore = False


class _Transport(redis.Transport):
    Channel = _Channel


class _Connection(Connection):
    def get_transport_cls(self) -> type[_Transport]:
        return _Transport

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        return super().ensure_connection(*args, **{**_RECONNECT, **kwargs})  # type: ignore[no-untyped-call]


class WakeUpAmqp(AMQP):  # type: ignore[misc]  # celery ships no types
    """Gives a Celery application this transport: ``Celery(amqp=WakeUpAmqp)``."""

    Connection = _Connection
