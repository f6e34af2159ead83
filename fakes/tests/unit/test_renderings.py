from dataclasses import dataclass, replace

import orjson
from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.renderings import Form, Renderings


@dataclass(frozen=True)
class Timer:
    id: str
    started_at: int
    runs: bool = False


def timer_resource(timer: Timer, now_ms: int, _home: str = "") -> dict[str, object]:
    return {"id": timer.id, "ms": now_ms - timer.started_at if timer.runs else 0}


TIMER = Form(timer_resource, lambda timer: not timer.runs)


def test_a_version_is_written_once_and_the_next_version_anew() -> None:
    written: list[Timer] = []

    def resource(timer: Timer, now_ms: int, _home: str) -> dict[str, object]:
        written.append(timer)
        return timer_resource(timer, now_ms)

    form, renderings, first = Form(resource), Renderings(), Timer("1", 0)
    assert renderings.of(form, first, 5) is renderings.of(form, first, 6)
    second = replace(first)
    renderings.of(form, second, 7)

    assert len(written) == 2
    assert written[1] is second


def test_an_entity_has_a_rendering_in_each_form() -> None:
    renderings, timer = Renderings(), Timer("1", 0)
    short = Form(lambda timer, _now, _home: {"id": timer.id})

    assert orjson.dumps(renderings.of(TIMER, timer, 0)) == b'{"id":"1","ms":0}'
    assert orjson.dumps(renderings.of(short, timer, 0)) == b'{"id":"1"}'


@given(
    asked=st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans(), st.integers(0, 5))),
    generation=st.integers(1, 4),
)
def test_however_much_is_forgotten_the_json_is_that_of_the_version_and_the_time(
    asked: list[tuple[int, bool, bool, int]], generation: int
) -> None:
    renderings = Renderings(generation=generation)
    timers = {str(number): Timer(str(number), 0) for number in range(10)}
    for now, (number, changes, runs, started_at) in enumerate(asked):
        timer = timers[str(number)]
        if changes:
            timer = timers[str(number)] = replace(timer, runs=runs, started_at=started_at)
        json = orjson.dumps(renderings.of(TIMER, timer, now))
        assert orjson.loads(json) == timer_resource(timer, now)
