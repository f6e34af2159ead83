import pytest

from clerk_harness.waiting import WaitTimeoutError, eventually


def test_the_first_truthy_value_is_returned() -> None:
    values = iter([0, "", None, "here"])
    assert eventually(lambda: next(values), within=5, every=0) == "here"


def test_an_assertion_error_counts_as_not_yet() -> None:
    attempts: list[int] = []

    def check() -> bool:
        attempts.append(1)
        assert len(attempts) >= 3
        return True

    assert eventually(check, within=5, every=0)
    assert len(attempts) == 3


def test_other_errors_are_not_swallowed() -> None:
    def check() -> bool:
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        eventually(check, within=5)


def test_the_limit_names_what_was_waited_for_and_the_last_value() -> None:
    with pytest.raises(WaitTimeoutError, match=r"a bus did not happen within 0 s; last seen: 0"):
        eventually(lambda: 0, within=0, describe="a bus")


def test_the_check_runs_even_when_there_is_no_time() -> None:
    assert eventually(lambda: "at once", within=0) == "at once"
