import io
import logging

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clerk_fake.events import payloads as module
from clerk_fake.events.payloads import Payloads


class PayloadsAgainstAList(RuleBasedStateMachine):
    """Wherever they are kept, the bodies must be those of a list."""

    def __init__(self) -> None:
        super().__init__()
        self.payloads = Payloads(in_memory=64, portion=24)
        self.plain: list[bytes] = []

    @rule(body=st.binary(max_size=100))
    def append(self, body: bytes) -> None:
        self.payloads.append(body)
        self.plain.append(body)

    @rule(bodies=st.lists(st.binary(min_size=1, max_size=9), max_size=30))
    def append_many(self, bodies: list[bytes]) -> None:
        for body in bodies:
            self.append(body)

    @precondition(lambda self: self.plain)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.plain) - 1))
        assert self.payloads[place] == self.plain[place]

    @rule()
    def clear(self) -> None:
        self.payloads.clear()
        self.plain.clear()

    @invariant()
    def the_whole_is_that_of_the_list(self) -> None:
        assert len(self.payloads) == len(self.plain)
        assert [self.payloads[place] for place in range(len(self.plain))] == self.plain

    def teardown(self) -> None:
        self.payloads.clear()


TestPayloadsAgainstAList = PayloadsAgainstAList.TestCase


def test_what_stays_in_memory_is_bounded_and_the_file_goes_with_the_payloads() -> None:
    payloads = Payloads(in_memory=1000, portion=100)
    for number in range(500):
        payloads.append(b"%08d" % number)

    assert 1000 - 2 * 100 < sum(map(len, payloads._young)) <= 1000
    assert payloads[0] == b"00000000"
    file = payloads._file
    assert file is not None
    payloads.clear()
    assert file.closed


def test_when_no_file_can_be_had_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    payloads = Payloads(in_memory=100, portion=50)

    def refuse(_payloads: Payloads) -> io.BytesIO:
        raise OSError("no space left")

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING, module.__name__):
        patched.setattr(Payloads, "_opened", refuse)
        for number in range(1000):
            payloads.append(b"%04d" % number)

    payloads.append(b"x" * 10_000)  # now there is space
    assert "no space left" in caplog.text
    assert len(caplog.records) < 10
    assert payloads._file is not None
    assert [payloads[place] for place in range(1000)] == [b"%04d" % n for n in range(1000)]
    payloads.clear()


def test_there_is_no_body_before_the_first_and_behind_the_last() -> None:
    payloads = Payloads()
    payloads.append(b"a")

    for place in (-1, 1):
        with pytest.raises(IndexError):
            payloads[place]
