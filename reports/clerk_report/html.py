"""``index.html``: one file that opens anywhere, offline, without a script."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from clerk_report import units
from clerk_report.chart import draw
from clerk_report.evidence import Evidence, Row, Run, Scenario, Verdict
from clerk_report.timeline import Figures

__all__ = ["render"]

_MOST_QUOTED = 3

WORDS: dict[Verdict, str] = {"pass": "Pass", "fail": "Fail", "unknown": "Unknown"}
# Long enough for any diff a person reads; the whole of it is in verdict.json.
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as the page shows it."""

    anchor: str
    row: Row
    summary: str
    own_evidence: tuple[Evidence, ...]


def render(run: Run) -> bytes:
    """The run as one HTML page in UTF-8; every text is escaped."""
    jinja = Environment(
        loader=PackageLoader("clerk_report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {
        "ms": units.milliseconds,
        "moment": units.moment,
        "duration": units.duration,
        "short": _short,
    }
    page = jinja.get_template("index.html.j2").render(
        run=run,
        words=WORDS,
        headline=_headline(run),
        views=[_view(number, row) for number, row in enumerate(run.rows, start=1)],
        chart=draw(run.timeline, run.duration_s),
        figures=Figures.of(run.timeline.deliveries),
        from_load=sum(delivery.source == "load" for delivery in run.timeline.deliveries),
        why=_why,
    )
    return page.encode()


def _headline(run: Run) -> str:
    total = len(run.rows)
    if not total:
        return "No row was checked, so nothing was proven."
    failing = [row.row for row in run.rows if row.verdict == "fail"]
    unclear = [row.row for row in run.rows if row.verdict == "unknown"]
    parts = []
    if run.rows_in_all > total:
        parts.append(f"A partial run: {total} of {run.rows_in_all} rows.")
    if failing:
        parts.append(f"{len(failing)} of {total} rows failed: {', '.join(failing)}.")
    if unclear:
        parts.append(f"{len(unclear)} of {total} rows could not be told: {', '.join(unclear)}.")
    if not failing and not unclear:
        parts.append(f"All {total} rows hold." if total > 1 else "The one row holds.")
    return " ".join(parts)


def _view(number: int, row: Row) -> RowView:
    shown = {claim for scenario in row.scenarios for claim in scenario.evidence}
    own = tuple(claim for claim in row.evidence if claim not in shown)
    return RowView(f"row-{number}", row, _summary(row), own)


def _summary(row: Row) -> str:
    """One line: what carries a pass, or what stands in its way."""
    if row.verdict == "pass":
        laws = sorted({claim.oracle for claim in row.evidence if claim.oracle})
        held = f"{len(row.evidence)} claim{'s' * (len(row.evidence) != 1)} held"
        said = "; ".join(f"{claim.claim}: {claim.observed}" for claim in _telling(row))
        return f"{held} ({', '.join(laws)}). {said}" if laws else held
    for scenario in row.scenarios:
        if scenario.verdict == row.verdict:
            return f"{scenario.name}: {_why(scenario)}"
    for claim in row.evidence:
        if claim.verdict == row.verdict:
            return f"{claim.claim}: {claim.observed}"
    return "no scenario ran, so nothing was proven"


def _telling(row: Row) -> list[Evidence]:
    """The claims to quote: a few that were measured against a limit, else one of the oracle's."""
    measured = {claim.claim: claim for claim in row.evidence if claim.expected and not claim.oracle}
    lawful = [claim for claim in row.evidence if claim.oracle]
    return list(measured.values())[:_MOST_QUOTED] or lawful[-1:]


def _why(scenario: Scenario) -> str:
    if scenario.reason:
        return scenario.reason
    claim = next((c for c in scenario.evidence if c.verdict == scenario.verdict), None)
    if claim:
        return f"{claim.claim}: {claim.observed}"
    error = next((step.error for step in scenario.steps if step.error), "")
    return error or "no reason was given"


def _short(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}… ({len(text) - LONGEST_TEXT:,} more characters in verdict.json)"
