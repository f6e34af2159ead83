"""What a law found, worded the same for every law."""

from collections.abc import Iterable
from dataclasses import dataclass

from clerk_harness.checks.observation import Observation
from clerk_report.evidence import Evidence

__all__ = ["Breach", "Finding", "judge_law"]

_SHOWN = 10


@dataclass(frozen=True)
class Breach:
    """One way in which a law is broken.

    Attributes:
        subject: Id of the user or message that it is about.
        says: The same, in words.
    """

    subject: str
    says: str


@dataclass(frozen=True)
class Finding:
    """A law's evidence, and the subjects that speak against it."""

    evidence: Evidence
    subjects: frozenset[str]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the law."""
        return not self.subjects


def judge_law(
    oracle: str, claim: str, seen: Observation, *, breaches: Iterable[Breach], held: str
) -> Finding:
    """State a law: it failed if there are breaches, else it held.

    A subject that an earlier scenario has reported is excused: each breach is charged once, to the
    scenario that brought it about.

    Args:
        oracle: ``O1`` to ``O7``.
        claim: The law, as a sentence.
        seen: What is judged; tells who is excused.
        breaches: Every breach.
        held: What was counted when nothing was wrong.
    """
    found = [breach for breach in breaches if breach.subject not in seen.excused]
    if not found:
        told = f"; {len(seen.excused)} charged before" if seen.excused else ""
        return Finding(Evidence(claim, "pass", held + told, oracle=oracle), frozenset())
    more = len(found) - _SHOWN
    lines = [breach.says for breach in found[:_SHOWN]]
    evidence = Evidence(
        claim=claim,
        verdict="fail",
        observed=f"breaches: {len(found)}, the first: {found[0].says}",
        expected="none",
        oracle=oracle,
        detail="\n".join([*lines, *([f"and {more} more"] if more > 0 else [])]),
    )
    return Finding(evidence, frozenset(breach.subject for breach in found))
