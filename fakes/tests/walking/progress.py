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
    """Let a caller ask for everything of a tag.

    A walk that is stopped by what is not offered, or where something of its tag is not offered,
    is skipped and says at what.
    """
    missing = [operation.id for operation in not_offered(operations)]
    of_tag = [each for each in missing if operations.by_id[each].tag == tag]
    if tag not in SCENARIOS:
        pytest.skip(f"no scenario yet; not offered yet: {' '.join(of_tag)}")
    try:
        SCENARIOS[tag](caller)
    except (NotOfferedError, RefusedError) as stopped:
        if of_tag or isinstance(stopped, NotOfferedError):
            pytest.skip(f"stopped at {stopped!r}; not offered yet: {' '.join(of_tag)}")
        raise
