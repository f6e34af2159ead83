"""Evidence in, a report that a person believes out.

Build a ``Run`` from the frozen dataclasses here, hand it to ``write``, and open the
``index.html`` of the folder that comes back.
"""

from clerk_report.errors import ReportError
from clerk_report.evidence import (
    Evidence,
    Row,
    Run,
    Scenario,
    Step,
    Verdict,
    worst,
)
from clerk_report.timeline import Delivery, FaultWindow, Timeline
from clerk_report.writer import write

__all__ = [
    "Delivery",
    "Evidence",
    "FaultWindow",
    "ReportError",
    "Row",
    "Run",
    "Scenario",
    "Step",
    "Timeline",
    "Verdict",
    "worst",
    "write",
]
