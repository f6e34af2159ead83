"""One scenario as it unfolds: who is in it, what was claimed, what was seen."""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from clerk_harness.checks import settle
from clerk_harness.checks.observation import differences
from clerk_harness.clerk import ClerkInstance, ClerkUser, Message
from clerk_harness.errors import HarnessError
from clerk_harness.ledger import Ledger
from clerk_harness.load import LoadResult, LoadSettings
from clerk_harness.stack import Workspace
from clerk_harness.target import Deployment, LocalUser, Probe, ProbeError
from clerk_harness.waiting import WaitTimeoutError, eventually
from clerk_report.evidence import Evidence

__all__ = ["Blow", "DoubtError", "Story"]

_SETTLES_WITHIN_S = 30
_SETTLES_AFTER_FAILURE_S = 10
_STILL_AFTER_FAILURE_S = 2


@dataclass(frozen=True)
class Blow:
    """A fault that was inflicted: what it hit, whether it bit, how many changes there were."""

    what: str
    felt: bool
    changes: int


class DoubtError(Exception):
    """The scenario could not find out; its verdict is *unknown*."""


@dataclass
class Story:
    """What the steps of one scenario share.

    Attributes:
        label: Short and unique in the run; part of every e-mail address of the scenario.
        people: Users by the name that the feature gives them, as Clerk last had them.
        evidence: What was claimed, in order.
        tokens: Session tokens that somebody still holds.
        on_its_way: A message that Clerk has emitted and not delivered.
        before: A local user as they were before somebody tried to change them.
        blow: The fault that was inflicted.
        load_result: What a load did.
        balanced: Whether the oracle has been asked, and has charged what it found.
        answer: The last answer of the service to somebody who showed a token or forged a webhook.
    """

    deployment: Deployment
    ledger: Ledger
    workspace: Workspace
    rng: random.Random
    label: str
    load: LoadSettings
    people: dict[str, ClerkUser] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    on_its_way: Message | None = None
    before: LocalUser | None = None
    blow: Blow | None = None
    load_result: LoadResult | None = None
    answer: httpx.Response | None = None
    balanced: bool = False

    @property
    def clerk(self) -> ClerkInstance:
        """The instance that the service belongs to."""
        return self.deployment.clerk

    @property
    def probe(self) -> Probe:
        """Reads what the service holds."""
        return self.deployment.probe

    def email(self, name: str) -> str:
        """An address that nobody else in the run has."""
        return f"{name.lower().replace(' ', '.')}.{self.label}@example.com"

    def add(self, evidence: Evidence | Iterable[Evidence]) -> None:
        """Keep evidence, and stop the scenario where it speaks against the service.

        Raises:
            AssertionError: One claim failed.
            DoubtError: None failed, but one could not be told.
        """
        found = [evidence] if isinstance(evidence, Evidence) else list(evidence)
        self.evidence += found
        for claim in found:
            if claim.verdict == "fail":
                raise AssertionError(f"{claim.claim}: {claim.observed}")
        for claim in found:
            if claim.verdict != "pass":
                raise DoubtError(f"{claim.claim}: {claim.observed}")

    def expect(self, claim: str, within: float, wrong: Callable[[], str]) -> None:
        """Claim that something is right within a time, and keep how long it took.

        Args:
            claim: A sentence that is true when all is well.
            within: Limit in seconds.
            wrong: Says what is wrong, or nothing.
        """
        started = time.monotonic()
        last = ""

        def right() -> bool:
            nonlocal last
            try:
                last = wrong()
            except ProbeError as unreadable:
                last = str(unreadable)
            return not last

        try:
            eventually(right, within=within)
        except WaitTimeoutError:
            self.add(Evidence(claim, "fail", last, expected=f"within {within:g} s"))
        took = f"after {time.monotonic() - started:.2f} s"
        self.add(Evidence(claim, "pass", took, expected=f"within {within:g} s"))

    def expect_equal(self, who: str, user: ClerkUser, *, within: float) -> None:
        """Claim that a local row becomes Clerk's within a time, in seconds."""
        self.expect(
            f"{who} is here as Clerk has them",
            within,
            lambda: "; ".join(differences(user, self.probe.user(user.id))),
        )

    def registration_of(self, name: str) -> Message:
        """The ``user.created`` that Clerk emitted for somebody of this scenario."""
        self.ledger.refresh()
        clerk_id = self.people[name].id
        return next(
            message
            for message in self.ledger.emitted
            if message.object_id == clerk_id and message.event_type == "user.created"
        )

    def intrude(self, name: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post to the webhook route as somebody else, and remember how ``name`` was before."""
        self.before = self.probe.user(self.people[name].id)
        self.answer = self.deployment.deliver(body, headers)

    def last_answer(self) -> httpx.Response:
        """What the service answered last.

        Raises:
            HarnessError: Nobody has asked it anything.
        """
        if self.answer is None:
            raise HarnessError("nobody has sent anything yet", "put a When before this Then")
        return self.answer

    def loaded(self) -> LoadResult:
        """What the load of this scenario did.

        Raises:
            HarnessError: There was none.
        """
        if self.load_result is None:
            raise HarnessError("there was no load yet", "put a When before this Then")
        return self.load_result

    def charge_what_is_wrong(self) -> None:
        """After a scenario that broke off: charge its breaches to it, not to the next one."""
        found = settle(
            self.clerk,
            self.ledger,
            self.probe,
            within=_SETTLES_AFTER_FAILURE_S,
            still_for=_STILL_AFTER_FAILURE_S,
        )
        self.evidence += [claim for claim in found if claim.verdict == "fail"]

    def balance_the_books(self) -> None:
        """Let the oracle judge everything that the service holds, once it has settled."""
        self.balanced = True
        self.add(settle(self.clerk, self.ledger, self.probe, within=_SETTLES_WITHIN_S))
