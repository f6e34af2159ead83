from itertools import pairwise
from typing import Any

import pytest

from clerk_fake.clock import Clock
from clerk_fake.faults.active import ActiveFault, Standing
from clerk_fake.faults.api.rate_limit import RateLimit
from clerk_fake.faults.api.timeout import Timeout
from clerk_fake.faults.api.where import Where
from clerk_fake.faults.fault import Fault
from clerk_fake.http.headers import Headers
from clerk_fake.http.request import Request

REQUEST = Request({"method": "GET", "path": "/v1/users"}, {}, Headers(()), b"")


def _set(
    where: Where, clock: Clock | None = None, *, number: int = 0, fault: Fault | None = None
) -> ActiveFault[Any]:
    standing = Standing("fault_1", None, clock or Clock(), (0, 1), number)
    return ActiveFault(fault or RateLimit(), where, standing)


def _struck(fault: ActiveFault[Any], requests: int) -> str:
    return "".join("x" if fault.strikes(REQUEST) else "." for _ in range(requests))


def test_the_same_seed_strikes_the_same_requests() -> None:
    first = _struck(_set(Where(probability=0.3, seed=7)), 1000)

    assert first == _struck(_set(Where(probability=0.3, seed=7)), 1000)
    assert first != _struck(_set(Where(probability=0.3, seed=8)), 1000)
    assert 250 < first.count("x") < 350


def test_faults_that_share_a_seed_draw_each_for_itself() -> None:
    where = Where(probability=0.3, seed=7)
    faults = (_set(where), _set(where, number=1), _set(where, fault=Timeout()))
    struck = [_struck(fault, 1000) for fault in faults]

    assert len(set(struck)) == 3
    for one, other in pairwise(struck):
        both = sum(pair == ("x", "x") for pair in zip(one, other, strict=True))
        assert 50 < both < 130  # 0.09 of them


def test_what_strikes_once_strikes_a_burst() -> None:
    struck = _struck(_set(Where(probability=0.05, burst=3, seed=1)), 1000)

    bursts = [run for run in struck.split(".") if run]
    assert len(bursts) > 10
    assert all(len(run) % 3 == 0 for run in bursts)


def test_it_strikes_so_often_and_then_no_more() -> None:
    fault = _set(Where(times=2))

    assert _struck(fault, 4) == "xx.."
    told = fault.as_json()
    assert (told["matched"], told["fired"], told["state"]) == (2, 2, "spent")


@pytest.mark.parametrize(("probability", "struck"), [(0.0, "....."), (1.0, "xxxxx")])
def test_never_and_always_are_certain(probability: float, struck: str) -> None:
    assert _struck(_set(Where(probability=probability, seed=3)), 5) == struck


def test_it_ends_on_its_clock_and_stays_ended() -> None:
    clock = Clock(lambda: 1_000_000)
    fault = _set(Where(duration_s=2), clock)

    assert fault.strikes(REQUEST)
    clock.advance(2_000)
    assert not fault.strikes(REQUEST)
    assert fault.state == "expired"
    clock.turn(now_ms=1_000_000)
    assert not fault.strikes(REQUEST)
