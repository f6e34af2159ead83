"""Celery on Redis, as the wake-up and nothing more: the inbox in Postgres is the truth.

Losing a wake-up is harmless (the sweeper finds the row) and so is a second one (the claim finds
nothing), therefore every wait in here is short and nothing is retried for long.
"""

import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from logging import getLogger
from typing import Any, Final

from celery import Celery  # type: ignore[import-untyped]  # celery ships no types
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from clerk_sync.config import Settings
from clerk_sync.errors import BrokerUnavailableError
from clerk_sync.redis_transport import WakeUpAmqp

__all__ = [
    "APPLY_TASK",
    "PING_TASK",
    "QUEUE",
    "REPAIR_QUEUE",
    "REPAIR_TASK",
    "TaskSender",
    "WakeUps",
    "echo_key",
    "make_celery",
]

APPLY_TASK: Final = "clerk_sync.apply"
PING_TASK: Final = "clerk_sync.ping"
REPAIR_TASK: Final = "clerk_sync.repair"
QUEUE: Final = "clerk_sync"
REPAIR_QUEUE: Final = "clerk_sync.repair"
"""Of its own, with a worker of its own: repairs delay no wake-up, and none delays them."""

IDS_PER_TASK: Final = 100
"""Most webhooks that one wake-up names; in quiet times it is one."""
PENDING_WAKE_UPS: Final = 10_000
GATHER_S: Final = 0.02
"""Pause after a publish in which wake-ups gather: the first of them never waits for it."""
LONGEST_GATHER_S: Final = 0.2
"""The same while tasks lie in the queue: workers that are behind need fewer and longer ones."""
BROKEN_PAUSE_S: Final = 0.5
"""After a failed publish wake-ups are dropped for so long instead of tried one by one."""
SOCKET_TIMEOUT_S: Final = 1.0

_log = getLogger(__name__)


def echo_key(token: str) -> str:
    """Return the Redis list in which the echo of a ping arrives."""
    return f"clerk_sync:echo:{token}"


def make_celery(settings: Settings) -> Celery:
    """Make the Celery application, without tasks; ``clerk_sync.tasks`` adds them.

    Args:
        settings: Give the broker and the time limits.
    """
    celery = Celery("clerk_sync", amqp=WakeUpAmqp, set_as_current=False)
    celery.conf.update(
        broker_url=settings.redis_url,
        broker_transport_options={
            "priority_steps": [0],
            "socket_timeout": 5,
            "socket_connect_timeout": SOCKET_TIMEOUT_S,
            "socket_keepalive": True,
            "health_check_interval": 2,
            "retry_on_timeout": False,
        },
        broker_connection_timeout=SOCKET_TIMEOUT_S,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        # Two nets below the attempt's own limit, for code that blocks the event loop.
        task_soft_time_limit=settings.lease_s * 1.5,
        task_time_limit=settings.lease_s * 2,
        worker_prefetch_multiplier=1,
        # With it a worker may stay at a reduced prefetch after a reconnect and consume nothing.
        worker_enable_prefetch_count_reduction=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # No pidbox: its pub/sub connection is a second thing that can go deaf.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
    )
    return celery


class TaskSender:
    """Publishes tasks over one connection of its own; for one thread at a time.

    Args:
        celery: The application; its socket timeouts are made shorter for publishing.
    """

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._connection: Any = None
        self._producer: Any = None

    def send(self, task: str, *args: object) -> None:
        """Publish one task, or fail within about two seconds.

        Raises:
            BrokerUnavailableError: Redis is down or slow.
        """
        try:
            producer = self._producer_on_connection()
            self._celery.send_task(task, args=args, producer=producer, retry=False)
        except (OperationalError, RedisError, OSError) as failure:
            raise self._unavailable(failure) from failure

    def wake(self, svix_ids: Sequence[str]) -> None:
        """Ask a worker to apply these webhooks.

        Raises:
            BrokerUnavailableError: Redis is down or slow.
        """
        for start in range(0, len(svix_ids), IDS_PER_TASK):
            self.send(APPLY_TASK, list(svix_ids[start : start + IDS_PER_TASK]))

    def queued(self) -> int:
        """Return how many tasks wait for a worker.

        Raises:
            BrokerUnavailableError: Redis is down or slow.
        """
        try:
            depth: int = self._producer_on_connection().channel.client.llen(QUEUE)
        except (OperationalError, RedisError, OSError) as failure:
            raise self._unavailable(failure) from failure
        return depth

    def _producer_on_connection(self) -> Any:
        if self._connection is None:
            options = self._celery.conf.broker_transport_options
            self._connection = self._celery.connection_for_write(
                transport_options={**options, "socket_timeout": SOCKET_TIMEOUT_S}
            )
            self._producer = self._celery.amqp.Producer(self._connection, auto_declare=False)
        return self._producer

    def _unavailable(self, failure: Exception) -> BrokerUnavailableError:
        self.close()
        return BrokerUnavailableError(
            f"Redis does not take tasks ({type(failure).__name__})", "see that it runs"
        )

    def close(self) -> None:
        """Drop the connection; the next task opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OperationalError, RedisError, OSError):
                connection.collect(socket_timeout=SOCKET_TIMEOUT_S)


class WakeUps:
    """Publishes wake-ups from a thread, so that Redis can neither block nor delay an answer."""

    def __init__(self, sender: TaskSender) -> None:
        self._sender = sender
        self._pending: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wake-ups", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """Publish what is pending and end the thread, or leave it after ``within_s``."""
        self._stopping.set()
        self._pending.put(None)
        self._thread.join(within_s)

    def offer(self, svix_id: str) -> None:
        """Have a worker woken for a webhook soon, or not at all when too many are pending."""
        if self._pending.qsize() < PENDING_WAKE_UPS:
            self._pending.put(svix_id)

    def _run(self) -> None:
        broken = False
        while not self._stopping.is_set() or not self._pending.empty():
            svix_ids = self._take()
            try:
                self._sender.wake(svix_ids)
                self._gather()
            except BrokerUnavailableError as failure:
                if not broken:
                    _log.warning("wake-ups are left to the sweeper: %s", failure)
                broken = True
                self._stopping.wait(BROKEN_PAUSE_S)
                self._drop_pending()
            else:
                if broken:
                    _log.info("wake-ups are published again")
                broken = False
        self._sender.close()

    def _gather(self) -> None:
        until = time.monotonic() + LONGEST_GATHER_S
        while not self._stopping.wait(GATHER_S) and time.monotonic() < until:
            if not self._sender.queued():
                return

    def _take(self) -> list[str]:
        """Wait for one, then take whatever came meanwhile."""
        svix_ids = [self._pending.get()]
        with suppress(queue.Empty):
            while True:
                svix_ids.append(self._pending.get_nowait())
        return [svix_id for svix_id in svix_ids if svix_id is not None]

    def _drop_pending(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._pending.get_nowait()
