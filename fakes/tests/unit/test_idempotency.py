from clerk_fake.clock import Clock
from clerk_fake.state import State
from clerk_fake.webhooks.idempotency import (
    IDEMPOTENT_ANSWERS,
    KEPT_MS,
    IdempotentAnswer,
    IdempotentAnswers,
)

MEGABYTE = "x" * 1_000_000


def _answers() -> tuple[IdempotentAnswers, State, Clock]:
    state, clock = State(), Clock()
    clock.turn(now_ms=1_000_000, frozen=True)
    return IdempotentAnswers(state, clock), state, clock


def _body(known: IdempotentAnswer | None) -> str | None:
    return None if known is None else known.body


def test_an_answer_is_found_by_everything_that_was_asked_and_by_nothing_less() -> None:
    answers, _, _ = _answers()
    answers.keep("token", "key", "/path", "a=b", status=201, body="made")

    known = answers.find("token", "key", "/path", "a=b")

    assert known is not None
    assert (known.status, known.body) == (201, "made")
    for other in (("token", "key", "/path", ""), ("toke", "nkey", "/path", "a=b"), ()):
        assert answers.find(*other) is None


def test_an_answer_is_remembered_for_twelve_hours_to_the_millisecond() -> None:
    answers, _, clock = _answers()
    answers.keep("key", status=200, body="first")

    clock.advance(KEPT_MS - 1)
    assert _body(answers.find("key")) == "first"
    clock.advance(1)
    assert answers.find("key") is None
    answers.keep("key", status=200, body="second")
    assert _body(answers.find("key")) == "second"


def test_what_is_too_old_is_forgotten_when_something_new_comes() -> None:
    answers, state, clock = _answers()
    for number in range(10):
        answers.keep(str(number), status=200, body="")
        clock.advance(KEPT_MS // 5)

    assert len(state.of(IDEMPOTENT_ANSWERS)) == 5


def test_no_more_is_remembered_than_there_is_room_for_the_oldest_goes_first() -> None:
    answers, state, _ = _answers()
    for number in range(50):
        answers.keep(str(number), status=200, body=MEGABYTE)

    assert 30 <= len(state.of(IDEMPOTENT_ANSWERS)) <= 33
    assert answers.find("0") is None
    assert answers.find("49") is not None


def test_a_single_answer_that_takes_all_the_room_is_remembered_alone() -> None:
    answers, state, _ = _answers()
    answers.keep("small", status=200, body="")

    answers.keep("large", status=200, body=MEGABYTE * 40)

    assert answers.find("large") is not None
    assert len(state.of(IDEMPOTENT_ANSWERS)) == 1


def test_room_is_counted_anew_when_the_state_is_another_one() -> None:
    answers, state, clock = _answers()
    for number in range(20):
        answers.keep(str(number), status=200, body=MEGABYTE)

    state.clear()
    for number in range(25):
        answers.keep(f"new {number}", status=200, body=MEGABYTE)
    revived = IdempotentAnswers(state, clock)
    for number in range(25):
        revived.keep(f"newer {number}", status=200, body=MEGABYTE)

    assert answers.find("0") is None
    assert revived.find("new 0") is None
    assert revived.find("new 24") is not None
    assert 30 <= len(state.of(IDEMPOTENT_ANSWERS)) <= 33
