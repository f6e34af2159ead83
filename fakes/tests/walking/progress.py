"""How far a walk gets, while not everything is offered yet."""

import pytest
from judging.descriptions import LATEST, MISSING, described
from judging.operations import Operations

from walking.callers import Caller, NotOfferedError, RefusedError, not_offered
from walking.scenarios import SCENARIOS

__all__ = ["TAGS", "walk"]


def _tags() -> list[object]:
    description = described(f"bapi/{LATEST}")
    if description is None:
        return [pytest.param("none", marks=pytest.mark.skip(reason=MISSING))]
    return list(dict.fromkeys(operation.tag for operation in Operations(description)))


TAGS = _tags()
"""Parameters of a test: every tag of the description."""


def walk(tag: str, caller: Caller, operations: Operations) -> None:
    """Let a caller ask for everything of a tag; skip, and say at what, where that is not there."""
    missing = [operation.id for operation in not_offered(operations) if operation.tag == tag]
    if tag not in SCENARIOS:
        pytest.skip(f"no scenario yet; not offered yet: {' '.join(missing)}")
    try:
        SCENARIOS[tag](caller)
    except (NotOfferedError, RefusedError) as stopped:
        if missing or isinstance(stopped, NotOfferedError):
            pytest.skip(f"stopped at {stopped!r}; not offered yet: {' '.join(missing)}")
        raise
