import pytest

from clerk_load.plan import Thresholds
from clerk_load.profiles import PROFILES
from clerk_load.thresholds import Bite, judge, reached

BIT = Bite(bit=True, why="it did")
WEAK = Bite(bit=False, why="it did not")
LIMITS = Thresholds(success_ratio=0.99, ack_p95_ms=200)


@pytest.mark.parametrize(
    ("bite", "failed", "ack_p95_ms", "verdict", "code"),
    [
        (BIT, 0, 199.9, "pass", 0),
        (BIT, 10, 199.9, "pass", 0),
        (BIT, 11, 1.0, "fail", 1),
        (BIT, 0, 200.0, "fail", 1),
        (BIT, 0, None, "fail", 1),
        (WEAK, 0, 1.0, "unknown", 2),
        (WEAK, 0, 900.0, "unknown", 2),
        (WEAK, 11, 1.0, "fail", 1),
    ],
)
def test_a_load_is_judged(
    bite: Bite, failed: int, ack_p95_ms: float | None, verdict: str, code: int
) -> None:
    judgement = judge(LIMITS, bite, planned=1000, failed=failed, ack_p95_ms=ack_p95_ms)
    assert (judgement.verdict, judgement.exit_code) == (verdict, code)
    assert judgement.why


@pytest.mark.parametrize(
    ("achieved", "lateness", "unproven", "bit"),
    [
        (100, 2.0, 0, True),
        (95, 2.0, 0, True),
        (94.9, 2.0, 0, False),
        (100, 100.1, 0, False),
        (100, None, 0, False),
        (100, 2.0, 1, False),
    ],
)
def test_a_load_bites_when_it_was_the_one_planned(
    achieved: float, lateness: float | None, unproven: int, *, bit: bool
) -> None:
    bite = reached(
        planned=100, achieved=achieved, lateness_p99_ms=lateness, unproven=unproven, held_back=7
    )
    assert bite.bit is bit
    assert bit or lateness is None or "7 waited for max_in_flight" in bite.why


def test_constant_arrivals_are_evenly_spaced() -> None:
    assert list(PROFILES["constant"](4, 5, 0)) == [0, 0.25, 0.5, 0.75, 1.0]
