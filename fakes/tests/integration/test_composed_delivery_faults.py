"""Any two faults of deliveries at once lose nothing and hang nothing, except those that say so."""

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from committing import Books, commit_what_verifies

from clerk_fake.faults.registry import FAULTS
from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Receiver

SECRET = "whsec_" + "Y29tcG9zZWQ" * 4

GENTLE: dict[str, dict[str, Any]] = {
    "endpoint_outage": {},
    "replay_storm": {},
    "delay": {"delay_s": 0.05},
    "drop": {"times": 2},
    "drop_after_ack": {"times": 2},
    "burst": {"size": 4, "wait_s": 0.05},
    "reorder": {"window": 4, "wait_s": 0.05},
    "mid_flight_rotation": {},
    "ack_lost": {"times": 3},
    "clock_skew": {"skew_s": 60},
    "stale_timestamp": {"times": 3},
    "wrong_signature": {"times": 3},
    "old_key": {"times": 3},
    "unknown_version": {"times": 3},
    "multiple_signatures": {},
    "duplicate": {"signing": "fresh"},
    "slow_body": {"slices": 2, "pause_s": 0.01},
    "truncated_body": {"times": 3},
}
LOSE = frozenset({"drop", "drop_after_ack"})
"""These lose what they strike, and say so."""

FAIL = frozenset(
    {"stale_timestamp", "wrong_signature", "old_key", "unknown_version", "truncated_body"}
)
"""These make attempts fail; what an outage sends afterwards is tried once only."""


@dataclass
class Trial:
    """Two faults at work on an instance of their own."""

    kinds: tuple[str, str]
    http: httpx.Client
    path: str
    faults: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"{self.path}{path}", json=body)
        return answer.raise_for_status().json()

    def set(self, kind: str) -> None:
        body = {"seam": "delivery", "kind": kind, **GENTLE[kind]}
        self.faults[kind] = self.ask("POST", "/faults", body)["id"]

    def emit(self, count: int) -> None:
        body = {"type": "user.created", "data": {"id": "u"}}
        self.sent += [self.ask("POST", "/trigger", body)["id"] for _ in range(count)]

    def settled(self) -> bool:
        return bool(self.ask("GET", "/deliveries")["pending"] == 0)

    def may_be_missing(self) -> int:
        """How many messages the two together may lose."""
        struck = sum(
            self.ask("GET", f"/faults/{self.faults[kind]}")["fired"]
            for kind in self.kinds
            if kind in LOSE or (kind in FAIL and "endpoint_outage" in self.kinds)
        )
        return int(struck)


@pytest.fixture
def trials(http: httpx.Client, receiver: "Receiver") -> "Iterator[list[Trial]]":
    made = []
    for kinds in combinations(GENTLE, 2):
        told = http.post("/__fake__/instances", json={"webhook_secret": SECRET}).json()
        trial = Trial(kinds, http, f"/__fake__/instances/{told['instance_id']}")
        made.append(trial)
        delays_s = [0, *[0.02] * 12]
        trial.ask("PUT", "/delivery-schedule", {"delays_s": delays_s, "jitter": 0})
        trial.ask("POST", "/endpoints", {"url": receiver.url})
    yield made
    for trial in made:
        http.delete(trial.path)


def test_every_kind_is_among_those_that_are_composed() -> None:
    assert list(GENTLE) == list(FAULTS["delivery"])


def test_any_two_faults_lose_nothing_and_hang_nothing_except_those_that_say_so(
    receiver: "Receiver", trials: list[Trial]
) -> None:
    books = commit_what_verifies(receiver, SECRET)

    for trial in trials:
        for kind in trial.kinds:
            if kind != "replay_storm":
                trial.set(kind)
        trial.emit(5)
        if "endpoint_outage" in trial.kinds:
            trial.ask("DELETE", f"/faults/{trial.faults['endpoint_outage']}")
        if "replay_storm" in trial.kinds:
            trial.set("replay_storm")
        trial.emit(1)
    wrong = [told for trial in trials if (told := _what_is_wrong(trial, books))]

    assert wrong == []


def _what_is_wrong(trial: Trial, books: Books) -> str:
    eventually(trial.settled, within=20, every=0.02, describe=f"{trial.kinds} to settle")
    allowed = trial.may_be_missing()
    missing = sorted(set(trial.sent) - set(books.committed))
    if len(missing) <= allowed:
        return ""
    return f"{' and '.join(trial.kinds)} lost {len(missing)} of {len(trial.sent)}, not {allowed}"
