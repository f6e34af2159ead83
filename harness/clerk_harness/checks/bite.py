"""O7: what did not bite proves nothing."""

from clerk_report.evidence import Evidence

__all__ = ["bitten"]


def bitten(what: str, *, bit: bool, observed: str) -> Evidence:
    """State whether a fault or a load did what it was meant to do; *unknown* when it did not."""
    return Evidence(
        claim=f"{what} took effect",
        verdict="pass" if bit else "unknown",
        observed=observed,
        oracle="O7",
    )
