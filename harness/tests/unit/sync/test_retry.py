"""When a failed webhook is tried again."""

from random import Random

from clerk_sync.service.retry import RetryPolicy

POLICY = RetryPolicy(max_attempts=8, base_s=1.0, cap_s=60.0, random=Random(1))  # noqa: S311 - jitter


def test_pauses_double_up_to_the_cap_give_or_take_the_jitter() -> None:
    for attempts, pause in ((1, 1), (2, 2), (3, 4), (7, 60), (8, 60), (10_000, 60)):
        assert 0.8 * pause <= POLICY.pause_s(attempts) <= 1.2 * pause


def test_two_webhooks_that_failed_together_do_not_come_back_together() -> None:
    assert len({POLICY.pause_s(1) for _ in range(20)}) > 1


def test_the_last_attempt_is_the_one_of_that_number() -> None:
    assert [POLICY.is_exhausted(attempts) for attempts in (7, 8, 9)] == [False, True, True]
