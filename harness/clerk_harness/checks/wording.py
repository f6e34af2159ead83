"""How evidence is worded, the same for every law."""

from collections.abc import Sequence

from clerk_report.evidence import Evidence

__all__ = ["law"]

_SHOWN = 10


def law(oracle: str, claim: str, *, breaches: Sequence[str], held: str) -> Evidence:
    """State a law: it failed if there are breaches, else it held.

    Args:
        oracle: ``O1`` to ``O7``.
        claim: The law, as a sentence.
        breaches: One line each.
        held: What was counted when nothing was wrong.
    """
    if not breaches:
        return Evidence(claim=claim, verdict="pass", observed=held, oracle=oracle)
    more = len(breaches) - _SHOWN
    return Evidence(
        claim=claim,
        verdict="fail",
        observed=f"{len(breaches)} breaches, the first: {breaches[0]}",
        expected="none",
        oracle=oracle,
        detail="\n".join([*breaches[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]),
    )
