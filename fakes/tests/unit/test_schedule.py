import random
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.webhooks.schedule import SVIX_DELAYS_S, DeliverySchedule


def _seeded(seed: int) -> Callable[[], float]:
    return random.Random(seed).random  # noqa: S311 - jitter


def test_the_schedule_is_that_of_svix() -> None:
    assert sum(SVIX_DELAYS_S) == 99_305
    assert len(SVIX_DELAYS_S) == 8


def test_after_the_last_step_there_is_none() -> None:
    schedule = DeliverySchedule(delays_s=(0, 1), jitter=0)

    delays = [schedule.delay_ms(step, _seeded(1)) for step in range(3)]

    assert delays == [0, 1000, None]


@given(seed=st.integers(), step=st.integers(0, 7))
def test_the_jitter_stays_within_its_share_and_follows_the_seed(seed: int, step: int) -> None:
    schedule = DeliverySchedule()

    delay = schedule.delay_ms(step, _seeded(seed))

    assert delay is not None
    assert 0.8 * SVIX_DELAYS_S[step] * 1000 - 1 <= delay <= 1.2 * SVIX_DELAYS_S[step] * 1000 + 1
    assert delay == schedule.delay_ms(step, _seeded(seed))
