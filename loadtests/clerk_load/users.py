"""The Locust user: one user is one whole load, and Locust sees every message of it."""

from collections.abc import Callable
from typing import ClassVar

import gevent  # type: ignore[import-untyped] # ships no types
from gevent.event import Event  # type: ignore[import-untyped] # ships no types
from locust import User, task

from clerk_load.arrivals import Arrival
from clerk_load.engine import Engine

__all__ = ["DeliveryFailedError", "WebhookUser"]

MS = 1000.0
SUCCESS = range(200, 300)


class DeliveryFailedError(Exception):
    """What Locust shows for a message that was not acknowledged: a status or a kind of error."""


class WebhookUser(User):
    """Clerk's dispatcher as a Locust user.

    Subclass it with ``new_engine``. There is only ever one, however many users are asked for:
    the plan's rate is the load, and twice the user would be the same messages twice.
    """

    abstract = True
    fixed_count = 1
    new_engine: ClassVar[Callable[[], Engine]]

    @task
    def deliver(self) -> None:
        """Run the plan once, then end the test."""
        engine = type(self).new_engine()
        for batch in engine.batches():
            for arrival in batch:
                self._fire(engine, arrival)
        if engine.failure is not None:
            self.environment.events.user_error.fire(
                user_instance=self, exception=engine.failure, tb=engine.failure.__traceback__
            )
        self._end_test()

    def _end_test(self) -> None:
        """Stop, and stay: Locust replaces a user that leaves, and the plan would go out again."""
        runner, web_ui = self.environment.runner, self.environment.web_ui
        if runner is not None:
            gevent.spawn(runner.quit if web_ui is None else runner.stop)
        Event().wait()

    def _fire(self, engine: Engine, arrival: Arrival) -> None:
        """Tell Locust; its latency, too, counts from the intended start."""
        if arrival.sent_at is None or arrival.ended_at is None:
            return
        outcome = arrival.outcome
        failed = outcome.status not in SUCCESS
        self.environment.events.request.fire(
            request_type="WEBHOOK",
            name=engine.plan.messages[arrival.index].event_type,
            response_time=(arrival.ended_at - arrival.due_at) * MS,
            response_length=0,
            exception=DeliveryFailedError(outcome.error or outcome.status) if failed else None,
            context={},
            start_time=arrival.due_at,
            url=engine.plan.url,
        )
