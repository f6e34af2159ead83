from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.webhooks.attempts import SHORT, VOLUMES, Attempt, Attempts


def _attempt(seq: int, body: str = "ok") -> Attempt:
    return Attempt(
        id=f"atmpt_{seq}",
        seq=seq,
        message_id="msg_1",
        endpoint_id="ep_1",
        url="http://127.0.0.1:1/",
        number=seq,
        started_at=0.0,
        latency_ms=1.0,
        status=200,
        error=None,
        response_body=body,
        next_attempt_at=None,
    )


def _filled(count: int, kept: int = 8) -> Attempts:
    attempts = Attempts(kept)
    for seq in range(1, count + 1):
        attempts.append(_attempt(seq, "long " * SHORT if seq % 2 else f"body {seq}"))
    return attempts


@given(count=st.integers(0, 60), kept=st.integers(1, 20), after=st.integers(-3, 70))
def test_the_youngest_are_remembered_in_order(count: int, kept: int, after: int) -> None:
    attempts = _filled(count, kept)
    seqs = [attempt.seq for attempt in attempts.after(0)]
    assert seqs == list(range(count - len(seqs) + 1, count + 1))
    assert len(seqs) >= min(count, kept // VOLUMES * VOLUMES)
    assert len(seqs) <= max(kept // VOLUMES, 1) * (VOLUMES + 1)
    assert [each.seq for each in attempts.after(after)] == [seq for seq in seqs if seq > after]
    assert [each.seq for each in attempts.before(after)] == [
        seq for seq in reversed(seqs) if seq < after
    ]
    assert [each.seq for each in attempts.before()] == seqs[::-1]
    assert attempts.next_seq == count + 1


def test_long_answers_come_back_whole() -> None:
    for attempt in _filled(9).after(0):
        expected = "long " * SHORT if attempt.seq % 2 else f"body {attempt.seq}"
        assert attempt.response_body == expected


@pytest.mark.parametrize("seq", [3, 4])
def test_an_answer_can_be_forgotten(seq: int) -> None:
    attempts = _filled(6)
    attempts.forget_content(seq)
    bodies = {each.seq: each.response_body for each in attempts.after(0)}
    assert bodies.pop(seq) == ""
    assert all(bodies.values())


def test_what_was_kept_is_had_again() -> None:
    source = _filled(50)
    copy = Attempts(8)
    copy.replace_all(list(source.after(0)))
    assert list(copy.after(0)) == list(source.after(0))
    assert copy.next_seq == 51


@pytest.mark.parametrize("kind", [dict, MappingProxyType])
def test_an_attempt_comes_back_as_it_was_kept(
    kind: Callable[[dict[str, str]], Mapping[str, str]],
) -> None:
    attempts = Attempts()
    kept = replace(
        _attempt(1, "grüße \udc80"),
        started_at=1_700_000_000_000.25,
        status=None,
        error="reset: gone",
        next_attempt_at=1_700_000_005_000,
        timestamp=1_700_000_000_000,
        trigger="manual",
        request_headers=kind({"svix-id": "msg_1", "x-own": "é"}),
        response_headers=kind({"retry-after": "1"}),
    )

    attempts.append(kept)

    assert list(attempts.after(0)) == [kept]
    attempts.forget_content(1)
    assert list(attempts.after(0)) == [replace(kept, response_body="", response_headers={})]
