"""No secret leaves through a report: every text of a run passes here before it is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from clerk_report.evidence import Evidence, Row, Run, Scenario, Step
from clerk_report.timeline import Timeline

__all__ = ["redact", "redacted"]

_HIDDEN = "[redacted]"


@dataclass(frozen=True, slots=True)
class _Pattern:
    find: re.Pattern[str]
    put: str


# Bounded repeats: a report may quote megabytes of log, and must not take minutes over them.
_NAME = r"[\w-]{0,40}(?:secret|token|passw(?:or)?d|passphrase|api[-_]?key|private[-_]?key)"
_NAMED = rf"{_NAME}[\w-]{{0,40}}"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)


def _hide(find: str, keep: str = r"\1") -> _Pattern:
    """Hide what ``find`` finds, but for its first group."""
    return _Pattern(re.compile(find, re.IGNORECASE), keep + _HIDDEN)


_PATTERNS = (
    _hide(r"(whsec_)[a-z0-9+/=_-]+"),
    _hide(r"(?<![a-z0-9])(sk_(?:test_|live_)?+)[a-z0-9$][a-z0-9$_-]*"),
    _hide(r"eyJ[a-z0-9_-]{8,}\.[a-z0-9_-]+\.[a-z0-9_-]*", keep=""),
    # "a Bearer token is refused" is prose, not a secret.
    _hide(r"(\bBearer\s+)(?!tokens?[.,;:!?)'\"]*(?:\s|$))[a-z0-9._~+/=\[\]-]+"),
    _hide(r"(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@'\"<>]*:)[^\s/@'\"<>]+(?=@)"),
    _hide(rf"((?<![a-z0-9]){_NAMED}=)(?!\[redacted)[^\s'\"&]+"),
    _hide(rf"(--{_NAMED} )(?!-)[^\s'\"]+"),
)


def redact(text: str) -> str:
    """Hide signing secrets, secret keys, tokens and passwords in ``text``.

    Half characters (surrogates that a process left in its output) become ``?``, so that every
    format can be encoded.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8")
    for pattern in _PATTERNS:
        clean = pattern.find.sub(pattern.put, clean)
    return clean


def redacted(run: Run) -> Run:
    """The same run with no secret left in any of its texts."""
    return replace(
        run,
        target=redact(run.target),
        command=redact(run.command),
        environment=_environment(run.environment),
        rows=tuple(_row(row) for row in run.rows),
        timeline=Timeline(
            run.timeline.deliveries,
            tuple(replace(fault, name=redact(fault.name)) for fault in run.timeline.faults),
        ),
    )


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        redact(name): _HIDDEN if value and _SECRET_NAME.search(name) else redact(value)
        for name, value in environment.items()
    }


def _row(row: Row) -> Row:
    return Row(
        row=redact(row.row),
        verdict=row.verdict,
        scenarios=tuple(_scenario(scenario) for scenario in row.scenarios),
        evidence=tuple(_evidence(claim) for claim in row.evidence),
    )


def _scenario(scenario: Scenario) -> Scenario:
    return replace(
        scenario,
        name=redact(scenario.name),
        feature=redact(scenario.feature),
        reason=redact(scenario.reason),
        steps=tuple(_step(step) for step in scenario.steps),
        evidence=tuple(_evidence(claim) for claim in scenario.evidence),
    )


def _step(step: Step) -> Step:
    return replace(step, text=redact(step.text), error=redact(step.error))


def _evidence(claim: Evidence) -> Evidence:
    return replace(
        claim,
        claim=redact(claim.claim),
        observed=redact(claim.observed),
        expected=redact(claim.expected),
        detail=redact(claim.detail),
    )
