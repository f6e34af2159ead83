"""What can go wrong between the evidence and the page."""

from pathlib import Path

__all__ = ["DishonestVerdictError", "LatestLinkError", "ReportError"]


class ReportError(Exception):
    """Base of everything that the report raises on purpose; one line, cause and remedy.

    Args:
        cause: What went wrong.
        remedy: What to do about it.
    """

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause = " ".join(cause.split())
        self.remedy = " ".join(remedy.split())
        super().__init__(f"{self.cause}: {self.remedy}")


class DishonestVerdictError(ReportError, ValueError):
    """A verdict is better than the evidence under it allows."""


class LatestLinkError(ReportError):
    """The report is written, but ``latest`` belongs to somebody else and still shows the old one.

    Attributes:
        report: Folder of the report that was written.
    """

    def __init__(self, report: Path, latest: Path) -> None:
        self.report = report
        super().__init__(
            f"{latest} was not made by clerk-harness and is left alone",
            f"move it away; this run's report is {report / 'index.html'}",
        )
