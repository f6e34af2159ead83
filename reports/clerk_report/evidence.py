"""The evidence model: the only thing a report is made from.

Green means green. A verdict folds upwards as ``fail`` > ``unknown`` > ``pass``, nothing at all is
``unknown``, and no scenario is ``pass`` on the word of its steps: it takes a claim of the oracle.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Literal

from clerk_report.errors import DishonestVerdictError, ReportError
from clerk_report.timeline import Delivery, FaultWindow, Timeline

__all__ = [
    "Delivery",
    "Evidence",
    "FaultWindow",
    "Row",
    "Run",
    "Scenario",
    "Step",
    "StepStatus",
    "Timeline",
    "Verdict",
    "worst",
]

Verdict = Literal["pass", "fail", "unknown"]
StepStatus = Literal["passed", "failed", "skipped"]

_SEVERITY: Mapping[Verdict, int] = MappingProxyType({"pass": 0, "unknown": 1, "fail": 2})


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Fold verdicts into one: ``fail`` beats ``unknown`` beats ``pass``; no verdict is ``unknown``.

    Raises:
        ReportError: One of them is none of the three words.
    """
    folded: Verdict | None = None
    for verdict in verdicts:
        if verdict not in _SEVERITY:
            raise ReportError(f"{verdict!r} is not a verdict", "use pass, fail or unknown")
        if folded is None or _SEVERITY[verdict] > _SEVERITY[folded]:
            folded = verdict
    return folded or "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One claim and what was seen of it.

    Attributes:
        claim: A sentence that is true when all is well.
        verdict: Whether it held.
        observed: What was seen, with figures.
        expected: What should have been seen.
        oracle: ``"O1"`` to ``"O7"``, or empty when it is not one of the oracle's laws.
        detail: Anything longer: the differing rows, the offending ids.
    """

    claim: str
    verdict: Verdict
    observed: str
    expected: str = ""
    oracle: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        worst([self.verdict])


@dataclass(frozen=True, slots=True)
class Step:
    """One Gherkin step as it ran; ``duration_s`` in seconds."""

    keyword: str
    text: str
    status: StepStatus
    duration_s: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario and its verdict.

    Constructing it as ``pass`` raises unless the evidence carries it: at least one passing claim
    of the oracle, no claim that is not passing, and no failed step. Status codes and finished
    steps say that the scenario ran; only the oracle says that the data are right.

    Attributes:
        reason: One line saying why this is not a pass.

    Raises:
        DishonestVerdictError: ``pass`` without the evidence for it.
    """

    name: str
    feature: str
    verdict: Verdict
    duration_s: float
    steps: tuple[Step, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        worst([self.verdict])
        _, doubt = _judge(self.steps, self.evidence)
        if self.verdict == "pass" and doubt:
            raise DishonestVerdictError(
                f"scenario {self.name!r} cannot be a pass, {doubt}",
                "report fail or unknown, or let Scenario.judged decide",
            )

    @classmethod
    def judged(
        cls,
        name: str,
        feature: str,
        *,
        duration_s: float,
        steps: tuple[Step, ...] = (),
        evidence: tuple[Evidence, ...] = (),
    ) -> "Scenario":
        """Let the steps and the evidence decide the verdict, and say why when it is not pass."""
        verdict, reason = _judge(steps, evidence)
        return cls(name, feature, verdict, duration_s, steps, evidence, reason)


def _judge(steps: tuple[Step, ...], evidence: tuple[Evidence, ...]) -> tuple[Verdict, str]:
    """The best verdict that steps and evidence allow, and what stands against a better one."""
    for claim in evidence:
        if claim.verdict == "fail":
            return "fail", f"{claim.claim}: {claim.observed}"
    for step in steps:
        if step.status == "failed":
            return "fail", f"{step.keyword} {step.text}: {step.error or 'failed'}"
    for claim in evidence:
        if claim.verdict == "unknown":
            return "unknown", f"could not be told: {claim.claim}: {claim.observed}"
    for step in steps:
        if step.status == "skipped":
            return "unknown", f"a step did not run: {step.keyword} {step.text}"
    if not any(claim.oracle for claim in evidence):
        return "unknown", "no claim of the oracle was checked"
    return "pass", ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the validation matrix.

    Raises:
        DishonestVerdictError: The verdict is better than the scenarios or the evidence allow.
    """

    row: str
    verdict: Verdict
    scenarios: tuple[Scenario, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        allowed = worst(scenario.verdict for scenario in self.scenarios)
        if self.verdict == "pass" and allowed == "pass":
            allowed = worst([allowed, *(claim.verdict for claim in self.evidence)])
        if _SEVERITY[worst([self.verdict])] < _SEVERITY[allowed]:
            raise DishonestVerdictError(
                f"row {self.row!r} cannot be {self.verdict}, its scenarios and evidence say"
                f" {allowed}",
                "use Row.of",
            )

    @classmethod
    def of(cls, name: str, scenarios: Iterable[Scenario]) -> "Row":
        """Fold scenarios into a row that holds all of their evidence."""
        kept = tuple(scenarios)
        return cls(
            row=name,
            verdict=worst(scenario.verdict for scenario in kept),
            scenarios=kept,
            evidence=tuple(chain.from_iterable(scenario.evidence for scenario in kept)),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One validation run, ready to be written.

    Attributes:
        run_id: Name of the run's folder: letters, digits, ``.``, ``_`` and ``-``.
        started_at: An aware moment.
        duration_s: Wall-clock length in seconds.
        seed: What makes the run repeatable.
        target: The service under test, in words or as a URL.
        environment: Versions and settings worth knowing, shown as given.
        command: What a person types to run this again.
        rows_in_all: How many rows the whole matrix has; more than ``rows`` make a partial run.
    """

    run_id: str
    started_at: datetime
    duration_s: float
    seed: int
    target: str
    rows: tuple[Row, ...]
    timeline: Timeline = field(default_factory=Timeline)
    environment: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    rows_in_all: int = 0

    def __post_init__(self) -> None:
        if self.started_at.utcoffset() is None:
            raise ReportError(
                f"run {self.run_id!r} starts at a naive time", "give started_at a time zone"
            )

    @property
    def verdict(self) -> Verdict:
        """The worst of the rows; a run without rows is ``unknown``."""
        return worst(row.verdict for row in self.rows)
