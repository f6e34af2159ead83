from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.webhooks.waiting_line import Turn, WaitingLine

DUES = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), DUES, st.booleans()),
        st.tuples(st.just("pop")),
        st.tuples(st.just("hasten"), DUES, st.sets(st.integers(0, 20).map(str))),
    ),
    max_size=60,
)


@given(STEPS)
def test_whoever_is_due_first_comes_out_first_and_among_equals_whoever_came_first(
    steps: list[tuple[str, int, bool]],
) -> None:
    line, expected = WaitingLine(), list[tuple[int, Turn]]()
    for number, step in enumerate(steps):
        match step:
            case ("add", int(due), bool(by_hand)):
                turn = Turn(str(number), by_hand)
                line.add(turn, due)
                expected.append((due, turn))
            case ("hasten", int(now), set(ids)):
                line.hasten(ids, now)
                expected = [
                    (min(due, now) if turn.message_id in ids else due, turn)
                    for due, turn in expected
                ]
            case _ if expected:
                assert line.pop() == expected.pop(0)[1]
        expected.sort(key=lambda each: each[0])
        assert len(line) == len(expected)
        assert line.next_due == (expected[0][0] if expected else None)
    assert [line.pop() for _ in expected] == [turn for _, turn in expected]
