"""What a scenario is."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from walking.callers import Caller

__all__ = ["Scenario", "has", "rows"]

Scenario: TypeAlias = Callable[[Caller], None]


def has(answer: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Assert that an answer has these values (a client may know fewer names than Clerk)."""
    known = {name: value for name, value in expected.items() if name in answer}
    assert known, f"none of {sorted(expected)} is in {sorted(answer)}"
    assert {name: answer[name] for name in known} == known


def rows(answer: Any) -> Any:
    """Return the rows of a list, whether it came bare or as a page.

    Clerk calls those of M2M tokens ``m2m_tokens``, and so does its Python client.
    """
    if not isinstance(answer, dict):
        return answer
    return answer["m2m_tokens"] if "m2m_tokens" in answer else answer["data"]
