"""Proves that a worker takes tasks: sends one and waits for its echo in Redis."""

import asyncio
import time
from typing import Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from clerk_sync.broker import PING_TASK, TaskSender, echo_key
from clerk_sync.errors import BrokerUnavailableError

__all__ = ["RoundTrip"]

ECHO_TIMEOUT_S: Final = 5.0


class RoundTrip:
    """Sends pings.

    Args:
        sender: Publishes the ping; used by one round trip at a time.
        redis: Where the echo arrives.
    """

    def __init__(self, sender: TaskSender, redis: Redis) -> None:
        self._sender = sender
        self._redis = redis
        self._one_at_a_time = asyncio.Lock()

    async def measure_ms(self) -> float:
        """Return how long a task takes to a worker and back, in milliseconds.

        Raises:
            BrokerUnavailableError: Redis is down, or no worker echoed within 5 s.
        """
        token = uuid4().hex
        started = time.perf_counter()
        try:
            async with asyncio.timeout(ECHO_TIMEOUT_S), self._one_at_a_time:
                await asyncio.to_thread(self._sender.send, PING_TASK, token)
                await self._redis.blpop([echo_key(token)], timeout=ECHO_TIMEOUT_S)
        except TimeoutError as silence:
            raise BrokerUnavailableError(
                "no worker echoed within 5 s", "see that `python -m clerk_sync worker` runs"
            ) from silence
        except (RedisError, OSError) as failure:
            raise BrokerUnavailableError(
                f"Redis did not answer ({type(failure).__name__})", "see that it runs"
            ) from failure
        return (time.perf_counter() - started) * 1000
