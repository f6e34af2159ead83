"""Each law of the oracle: it holds for what is right, and each way of breaking it is seen."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_harness.checks import Observation, judge
from clerk_harness.checks.effects import check_effects
from clerk_harness.checks.finding import Finding
from clerk_harness.checks.inbox import check_inbox
from clerk_harness.checks.phantoms import check_phantoms
from clerk_harness.checks.projection import check_projection
from clerk_harness.checks.versions import check_versions
from clerk_harness.clerk import ClerkUser, Message
from clerk_harness.ledger import Sighting
from clerk_harness.target import Effect, InboxEntry, LocalUser

ADA = ClerkUser(
    id="user_ada",
    email="ada@example.com",
    first_name="Ada",
    last_name=None,
    username=None,
    image_url=None,
    external_id=None,
    public_metadata={},
    banned=False,
    locked=False,
    version=2,
)
ROW = LocalUser("user_ada", {"email": "ada@example.com", "first_name": "Ada"}, version=2)
GONE = LocalUser("user_gone", {"email": None, "first_name": None}, active=False)


def message(message_id: str, user: str, version: int, seq: int = 1) -> Message:
    payload = f'{{"data": {{"id": "{user}", "updated_at": {version}}}}}'
    return Message(message_id, seq, "user.updated", version, user, payload, "delivered")


RIGHT = Observation(
    clerk_users={"user_ada": ADA},
    deleted=frozenset({"user_gone"}),
    emitted=(message("msg_1", "user_ada", 1), message("msg_2", "user_ada", 2, 2)),
    acknowledged=frozenset({"msg_1", "msg_2"}),
    pending=0,
    sightings=(Sighting("user_ada", 1), Sighting("user_ada", 2)),
    local_rows=(ROW, GONE),
    complete=True,
    excused=frozenset(),
    inbox=(
        InboxEntry("msg_1", "applied", 1, 0.0, 1.0),
        InboxEntry("msg_2", "applied", 1, 0.0, 2.0),
    ),
    effects=(Effect("msg_1", "welcome"),),
)
FIRST, SECOND = RIGHT.inbox or ()

Law = Callable[[Observation], Finding | None]


def test_every_law_holds_when_all_is_right() -> None:
    found = judge(RIGHT)
    assert [finding.evidence.oracle for finding in found] == ["O1", "O2", "O3", "O4", "O5"]
    assert all(finding.holds and finding.evidence.verdict == "pass" for finding in found)


@pytest.mark.parametrize(
    ("law", "broken", "says"),
    [
        (check_projection, {"local_rows": (GONE,)}, "user_ada is absent"),
        (check_projection, {"local_rows": (replace(ROW, active=False), GONE)}, "inactive"),
        (
            check_projection,
            {"local_rows": (replace(ROW, fields={"first_name": "Eve"}), GONE)},
            "first_name is 'Eve' and should be 'Ada'",
        ),
        (
            check_projection,
            {"local_rows": (ROW, replace(GONE, active=True))},
            "user_gone is deleted in Clerk and active here",
        ),
        (check_inbox, {"inbox": (FIRST,)}, "msg_2 was acknowledged and is not in the inbox"),
        (check_inbox, {"inbox": (FIRST, FIRST, SECOND)}, "msg_1 is there 2 times"),
        (check_inbox, {"inbox": (FIRST, replace(SECOND, state="dead"))}, "msg_2 is dead"),
        (check_inbox, {"inbox": (FIRST, replace(SECOND, applications=2))}, "applied 2 times"),
        (check_phantoms, {"local_rows": (ROW, ROW, GONE)}, "user_ada has 2 rows"),
        (
            check_phantoms,
            {"local_rows": (ROW, GONE, replace(ROW, id="user_eve"))},
            "user_eve is unknown to Clerk",
        ),
        (
            check_versions,
            {"sightings": (Sighting("user_ada", 2), Sighting("user_ada", 1))},
            "was seen at 1 after 2",
        ),
        (
            check_versions,
            {"inbox": (replace(FIRST, applied_at=3.0), SECOND)},
            "was applied at 1 after 2",
        ),
        (check_effects, {"effects": (Effect("msg_1", "welcome"),) * 2}, "happened 2 times"),
    ],
)
def test_a_breach_is_seen_and_named(law: Law, broken: dict[str, object], says: str) -> None:
    seen = replace(RIGHT, **broken)  # type: ignore[arg-type]
    finding = law(seen)
    assert finding is not None
    assert finding.evidence.verdict == "fail"
    assert says in finding.evidence.observed + finding.evidence.detail
    again = law(replace(seen, excused=finding.subjects))
    assert again is not None
    assert again.holds, "a breach is charged once"


@pytest.mark.parametrize(
    ("law", "unknowable"),
    [
        (check_inbox, {"inbox": None}),
        (check_phantoms, {"complete": False}),
        (check_versions, {"sightings": (), "inbox": None}),
        (check_effects, {"effects": None}),
    ],
)
def test_a_law_that_cannot_be_asked_is_left_out_not_passed(
    law: Law, unknowable: dict[str, object]
) -> None:
    assert law(replace(RIGHT, **unknowable)) is None  # type: ignore[arg-type]


def test_what_cannot_be_counted_is_not_claimed() -> None:
    uncounted = tuple(replace(entry, applications=None) for entry in RIGHT.inbox or ())
    finding = check_inbox(replace(RIGHT, inbox=uncounted))
    assert finding is not None
    assert finding.holds
    assert "applied" not in finding.evidence.claim


@given(st.lists(st.integers(0, 9), min_size=1))
def test_versions_hold_exactly_when_they_never_fall(versions: list[int]) -> None:
    seen = replace(RIGHT, inbox=None, sightings=tuple(Sighting("user_ada", v) for v in versions))
    finding = check_versions(seen)
    assert finding is not None
    assert finding.holds == (versions == sorted(versions))
