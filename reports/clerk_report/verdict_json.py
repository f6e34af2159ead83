"""``verdict.json``: the run for machines. Keys are a contract; add, never rename."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import orjson

from clerk_report.evidence import Evidence, Run, Scenario
from clerk_report.timeline import Figures

__all__ = ["render"]


def render(run: Run) -> bytes:
    """The run as indented JSON; times in seconds, latencies in ms, ``started_at`` as ISO 8601."""
    document = {
        "verdict": run.verdict,
        "duration_s": run.duration_s,
        # orjson stops at 64 bits; a longer seed goes out as text rather than not at all.
        "seed": run.seed if -(2**63) <= run.seed < 2**64 else str(run.seed),
        "run_id": run.run_id,
        "target": run.target,
        "started_at": run.started_at.isoformat(),
        "command": run.command,
        "environment": dict(run.environment),
        "rows": [
            {
                "row": row.row,
                "verdict": row.verdict,
                "scenarios": [_scenario(scenario) for scenario in row.scenarios],
                "evidence": _claims(row.evidence),
            }
            for row in run.rows
        ],
        "timeline": asdict(Figures.of(run.timeline.deliveries)),
        "faults": [asdict(fault) for fault in run.timeline.faults],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "feature": scenario.feature,
        "verdict": scenario.verdict,
        "duration_s": scenario.duration_s,
        "reason": scenario.reason,
        "evidence": _claims(scenario.evidence),
        "steps": [asdict(step) for step in scenario.steps],
    }


def _claims(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [asdict(claim) for claim in evidence]
