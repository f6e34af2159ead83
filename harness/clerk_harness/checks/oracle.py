"""All laws at once, when things have settled."""

import time

from clerk_harness.checks.effects import check_effects
from clerk_harness.checks.finding import Finding
from clerk_harness.checks.inbox import check_inbox
from clerk_harness.checks.observation import Observation, observe
from clerk_harness.checks.phantoms import check_phantoms
from clerk_harness.checks.projection import check_projection
from clerk_harness.checks.versions import check_versions
from clerk_harness.clerk import ClerkInstance
from clerk_harness.ledger import Ledger
from clerk_harness.target import Probe, ProbeError
from clerk_harness.waiting import WaitTimeoutError, eventually
from clerk_report.evidence import Evidence

__all__ = ["judge", "settle"]

_STILL_FOR_S = 6
_BUSY = frozenset({"received", "applying", "failed"})  # will be tried, or tried again
_LAWS = (check_projection, check_inbox, check_phantoms, check_versions, check_effects)


def judge(seen: Observation) -> tuple[Finding, ...]:
    """Apply every law that the service can be held to; one that it cannot is left out."""
    return tuple(finding for law in _LAWS if (finding := law(seen)) is not None)


def settle(
    clerk: ClerkInstance,
    ledger: Ledger,
    probe: Probe,
    *,
    within: float,
    still_for: float = _STILL_FOR_S,
) -> tuple[Evidence, ...]:
    """Wait until Clerk has nothing left to deliver and every law holds, and judge.

    It gives up early when Clerk has nothing left to deliver and nothing has moved for a while.
    What has not settled in time is judged as it stands, so a breach is reported by its law; a
    service that still cannot be read has failed.

    Args:
        clerk: What ought to be.
        ledger: What was emitted and acknowledged; what is found is charged there, once.
        probe: What is.
        within: Limit in seconds.
        still_for: How long nothing may move before that is taken for the end, in seconds.
    """
    stillness = _Stillness(still_for)

    def settled() -> Observation | None:
        try:
            seen = observe(clerk, ledger, probe)
        except ProbeError:
            return None
        holds = all(finding.holds for finding in judge(seen))
        return seen if not seen.pending and (holds or stillness.lasts(seen)) else None

    try:
        seen = eventually(settled, within=within, every=0.2)
    except WaitTimeoutError:  # judged as it stands
        try:
            seen = observe(clerk, ledger, probe)
        except ProbeError as problem:
            return (Evidence("The service can be read", "fail", str(problem)),)
    findings = judge(seen)
    ledger.excuse(subject for finding in findings for subject in finding.subjects)
    return (*(finding.evidence for finding in findings), *_undelivered(seen))


class _Stillness:
    """Tells when a service has stopped moving, so that a broken one need not be waited for."""

    def __init__(self, still_for: float) -> None:
        self._still_for = still_for
        self._seen: Observation | None = None
        self._since = time.monotonic()

    def lasts(self, seen: Observation) -> bool:
        """Whether there is nothing left to do and nothing has changed for a while."""
        busy = any(entry.state in _BUSY for entry in seen.inbox or ())
        if busy or seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since > self._still_for


def _undelivered(seen: Observation) -> tuple[Evidence, ...]:
    if not seen.pending:
        return ()
    return (
        Evidence(
            claim="Clerk could deliver everything that it emitted",
            verdict="fail",
            observed=f"{seen.pending} deliveries are still pending",
            expected="0",
        ),
    )
