import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk_load.arrivals import Arrival, Arrivals, Outcome

OK = Outcome(status=204)


async def run(
    offsets: Sequence[float],
    answers: Sequence[float | None],
    *,
    max_in_flight: int = 256,
    patience_s: float = 5.0,
    stop_after_s: float | None = None,
) -> list[Arrival]:
    """Answer message ``i`` after ``answers[i]`` seconds, or never."""
    records: list[Arrival] = []
    under_way = 0

    async def send(index: int) -> Outcome:
        nonlocal under_way
        under_way += 1
        assert under_way <= max_in_flight
        try:
            after = answers[index % len(answers)]
            await asyncio.wait_for(asyncio.Event().wait(), after)
        except TimeoutError:
            return OK
        finally:
            under_way -= 1
        raise AssertionError("an event that nobody sets was set")

    arrivals = Arrivals(
        offsets, send, records.append, max_in_flight=max_in_flight, patience_s=patience_s
    )
    if stop_after_s is not None:
        asyncio.get_running_loop().call_later(stop_after_s, arrivals.stop)
    await asyncio.wait_for(arrivals.run(), 20)
    return records


@settings(deadline=None, max_examples=25)
@given(
    offsets=st.lists(st.floats(0, 0.05), max_size=30).map(sorted),
    answers=st.lists(st.sampled_from([0.0, 0.005, 0.02, None]), min_size=1, max_size=5),
    max_in_flight=st.integers(1, 8),
    stop_after_s=st.sampled_from([None, 0.0, 0.06]),
)
def test_every_message_is_reported_exactly_once(
    offsets: list[float],
    answers: list[float | None],
    max_in_flight: int,
    stop_after_s: float | None,
) -> None:
    records = asyncio.run(
        run(
            offsets,
            answers,
            max_in_flight=max_in_flight,
            patience_s=0.05,
            # Stopping grants a second of grace to what never answers; too long to try often.
            stop_after_s=None if None in answers else stop_after_s,
        )
    )
    assert sorted(record.index for record in records) == list(range(len(offsets)))
    for record in records:
        assert (record.sent_at is None) == (record.outcome.error == "not_sent")
        assert (record.ended_at is None) == (record.sent_at is None)
        if record.sent_at is not None and record.ended_at is not None:
            assert record.due_at - 1e-6 <= record.sent_at <= record.ended_at


def test_nothing_waits_for_an_answer_but_the_bound() -> None:
    records = asyncio.run(run([i * 0.01 for i in range(10)], [0.3]))
    assert not any(record.late for record in records)
    assert max(r.sent_at - r.due_at for r in records if r.sent_at) < 0.2


def test_what_waits_for_the_bound_is_late_and_keeps_its_intended_start() -> None:
    records = sorted(
        asyncio.run(run([0.0, 0.01, 0.02], [0.2], max_in_flight=1)), key=lambda r: r.index
    )
    assert [record.late for record in records] == [False, True, True]
    last = records[-1]
    assert last.ended_at is not None
    assert last.ended_at - last.due_at > 0.5
    assert records[1].due_at - records[0].due_at == pytest.approx(0.01, abs=1e-6)


def test_the_run_ends_when_patience_does() -> None:
    records = asyncio.run(run([0.0, 0.0], [None], max_in_flight=1, patience_s=0.1))
    assert {record.outcome.error for record in records} == {"stopped", "not_sent"}


def test_what_is_under_way_at_a_stop_may_still_be_answered() -> None:
    records = asyncio.run(run([0.0, 60.0], [0.2], stop_after_s=0.1))
    assert {r.index: r.outcome.status or r.outcome.error for r in records} == {
        0: 204,
        1: "not_sent",
    }


def test_a_broken_send_is_not_hidden() -> None:
    async def broken() -> None:
        async def send(_: int) -> Outcome:
            raise RuntimeError("a bug")

        await Arrivals([0.0], send, lambda _: None, max_in_flight=1, patience_s=1).run()

    with pytest.raises(RuntimeError, match="a bug"):
        asyncio.run(broken())


def test_no_message_is_no_work() -> None:
    assert asyncio.run(run([], [0.0])) == []
