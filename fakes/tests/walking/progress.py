"""A walk over everything of a tag of the description."""

import pytest
from judging.descriptions import LATEST, MISSING, described
from judging.operations import Operations

from walking.callers import Caller
from walking.scenarios import SCENARIOS

__all__ = ["TAGS", "walk"]


def _tags() -> list[object]:
    description = described(f"bapi/{LATEST}")
    if description is None:
        return [pytest.param("none", marks=pytest.mark.skip(reason=MISSING))]
    return list(dict.fromkeys(operation.tag for operation in Operations(description)))


TAGS = _tags()
"""Parameters of a test: every tag of the description."""


def walk(tag: str, caller: Caller) -> None:
    """Let a caller ask for everything of a tag."""
    assert tag in SCENARIOS, "no scenario"
    SCENARIOS[tag](caller)
