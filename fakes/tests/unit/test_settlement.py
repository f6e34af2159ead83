"""What becomes of a message, whatever its receiver answers: walked beside a model of its own."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk_fake.clock import Clock, ClockSetting
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState
from clerk_fake.webhooks.outcome import Outcome
from clerk_fake.webhooks.schedule import DeliverySchedule
from clerk_fake.webhooks.settlement import Terms, settle

START_MS = 1_700_000_000_000
STEPS_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)


@dataclass(frozen=True)
class Reaction:
    """What a receiver does with one attempt: a status, or what went wrong instead."""

    status: int | None
    retry_after_s: float | None = None
    said_as: str = "seconds"
    aborts: bool = False
    too_late_ms: int = 0

    def outcome(self, now_ms: int) -> Outcome:
        headers = {"webhook-delivery": " Abort-Message"} if self.aborts else {}
        if self.retry_after_s is not None:
            headers["retry-after"] = str(self.retry_after_s)
            if self.said_as == "date":
                at = now_ms / 1000 + self.retry_after_s
                headers["retry-after"] = format_datetime(datetime.fromtimestamp(at, UTC))
        if self.status is None:
            return Outcome(now_ms, 0, error="timeout: no answer in time", timed_out=True)
        if self.status == 0:
            return Outcome(now_ms, 0, error="connect: nobody listens")
        return Outcome(now_ms, 0, status=self.status, headers=headers)


REACTIONS = st.builds(
    Reaction,
    status=st.sampled_from([None, 0, 301, 400, 404, 410, 429, 500, 502, 503, 504])
    | st.integers(300, 599),
    retry_after_s=st.none()
    | st.floats(-10, 100_000).map(lambda seconds: round(seconds, 2))
    | st.sampled_from([0.0, 5.0, 10.0, 60.0, 120.0, 36_000.0, 72_000.0]),
    said_as=st.sampled_from(["seconds", "date"]),
    aborts=st.sampled_from([False] * 19 + [True]),
    too_late_ms=st.sampled_from([0, 0, 0, 1, 4_000, 7_200_000]),
)


def wait_s(step: int, reaction: Reaction) -> tuple[float, float] | None:
    """The least and the most that Svix would wait before the attempt after this many."""
    if step == len(STEPS_S) or (reaction.aborts and reaction.status) or reaction.status == 410:
        return None
    shortest = STEPS_S[step]
    if reaction.status in {None, 429, 502, 504} and shortest < 60:
        shortest = 60
    asked = reaction.retry_after_s
    if asked is None or not reaction.status:
        return shortest, shortest
    if reaction.said_as == "date":  # which has whole seconds only
        least, most = asked - 1, asked
    else:
        least = most = math.ceil(asked)
    return min(max(shortest, least), 2 * shortest), min(max(shortest, most), 2 * shortest)


def standing(at_ms: int, *, turned_ms: int = 0) -> Clock:
    clock = Clock(lambda: START_MS)
    clock.restore(ClockSetting(frozen_at=at_ms, turned_ms=turned_ms))
    return clock


def on_time(clock: Clock) -> Terms:
    return Terms(DeliverySchedule(jitter=0), clock, draw=lambda: 0.5)


@settings(max_examples=400)
@given(
    reactions=st.lists(REACTIONS, min_size=8, max_size=8),
    arrives=st.none() | st.integers(1, 8),
    resends=st.sets(st.integers(1, 8)),
)
def test_a_message_goes_the_way_that_svix_sends_it(
    reactions: list[Reaction], arrives: int | None, resends: set[int]
) -> None:
    delivery = Delivery("msg_1", "ep_1", DeliveryState.PENDING, 0, 0, START_MS, 0)

    for step, reaction in enumerate(reactions, 1):
        now = delivery.due_at + reaction.too_late_ms  # late because others came first
        terms = on_time(standing(now))
        if step in resends:
            resent = settle(delivery, reaction.outcome(now), by_hand=True, terms=terms).delivery
            assert resent == replace(delivery, attempts=delivery.attempts + 1)
            delivery = resent
        outcome = Outcome(now, 1, status=204) if arrives == step else reaction.outcome(now)

        settled = settle(delivery, outcome, by_hand=False, terms=terms)

        tried = replace(delivery, attempts=delivery.attempts + 1)
        wait = wait_s(step, reaction)
        assert settled.at == now
        if arrives == step:
            assert settled.delivery == replace(tried, state=DeliveryState.DELIVERED)
            return
        if wait is None:
            assert settled.delivery == replace(tried, state=DeliveryState.EXHAUSTED)
            return
        delivery = settled.delivery
        assert delivery == replace(tried, step=step, due_at=delivery.due_at)
        assert wait[0] * 1000 - 1 <= delivery.due_at - now <= wait[1] * 1000 + 1
    raise AssertionError("eight attempts were not the end")


@settings(max_examples=200)
@given(reactions=st.lists(REACTIONS, min_size=8, max_size=8), spare_ms=st.integers(0, 10**9))
def test_one_turn_of_the_clock_makes_every_attempt_when_it_was_due(
    reactions: list[Reaction], spare_ms: int
) -> None:
    turned_ms = 2 * sum(STEPS_S) * 1000 + 8 * 120_000 + spare_ms  # whatever Retry-After says
    clock = standing(START_MS + turned_ms, turned_ms=turned_ms)
    delivery = Delivery("msg_1", "ep_1", DeliveryState.PENDING, 0, 0, START_MS, 0)

    for step, reaction in enumerate(reactions, 1):
        asked = replace(reaction, said_as="seconds")
        settled = settle(
            delivery, asked.outcome(clock.now_ms()), by_hand=False, terms=on_time(clock)
        )

        assert settled.at == delivery.due_at
        wait = wait_s(step, asked)
        if wait is None:
            assert settled.delivery.state is DeliveryState.EXHAUSTED
            return
        assert abs(settled.delivery.due_at - delivery.due_at - wait[0] * 1000) <= 1
        delivery = settled.delivery
    raise AssertionError("eight attempts were not the end")


@given(
    said=st.text()
    | st.floats().map(str)
    | st.sampled_from(["inf", "-inf", "nan", "1e400", "9" * 400])
    | st.datetimes(timezones=st.just(UTC)).map(format_datetime)
    | st.builds(
        "Tue, {} Nov {} {}:00:00 {}".format,
        st.integers(0, 40),
        st.integers(0, 10**30),
        st.integers(0, 30),
        st.sampled_from(["GMT", "-0000", "+0100", "+9999999999999999999", "XYZ", ""]),
    )
)
def test_whatever_a_receiver_says_of_retrying_is_a_time_or_nothing(said: str) -> None:
    outcome = Outcome(START_MS, 0, status=503, headers={"retry-after": said})

    asked = outcome.retry_after_s()

    assert asked is None or asked >= 0
    assert DeliverySchedule(jitter=0).delay_ms(1, lambda: 0.5, retry_after_s=asked) in range(
        5_000, 10_001
    )


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_a_date_without_a_zone_is_utc() -> None:
    moment = datetime.fromtimestamp(START_MS / 1000 + 300, UTC)
    said = moment.strftime("%a, %d %b %Y %H:%M:%S -0000")

    outcome = Outcome(START_MS, 0, status=503, headers={"retry-after": said})

    assert outcome.retry_after_s() == 300
