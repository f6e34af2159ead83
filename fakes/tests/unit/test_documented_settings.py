"""The tables of ``docs/fake.md`` name what there is, and nothing else."""

import dataclasses
import re
from pathlib import Path

import pytest

from clerk_fake.faults.api.where import Where
from clerk_fake.faults.registry import FAULTS as OF_SEAMS
from clerk_fake.limits.settings import Limits

FAULTS = OF_SEAMS["api"]
PAGE = (Path(__file__).parents[3] / "docs" / "fake.md").read_text("utf-8")


def _names_in_rows(heading: str) -> list[list[str]]:
    """The names in backticks of the first two columns of each row below a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = (line.split("|") for line in section.splitlines() if line.startswith("| `"))
    return [re.findall(r"`(\w+)`", row[1] + row[2]) for row in rows]


def _fields(of: type) -> list[str]:
    return [field.name for field in dataclasses.fields(of)]


def test_every_kind_of_fault_is_described_in_the_order_in_which_it_acts() -> None:
    described = [names[0] for names in _names_in_rows("Faults") if names[0] in FAULTS]

    assert described == list(FAULTS)


@pytest.mark.parametrize("kind", FAULTS)
def test_every_setting_of_a_fault_is_described(kind: str) -> None:
    (names,) = (names for names in _names_in_rows("Faults") if names[0] == kind)

    settings = [name for name in names[1:] if name not in {"clerk", "gateway"}]
    assert sorted(settings) == sorted(_fields(FAULTS[kind]))


def test_everything_that_can_be_said_of_the_requests_is_described() -> None:
    names = [name for row in _names_in_rows("Faults") if row[0] not in FAULTS for name in row]

    assert set(_fields(Where)) <= set(names)


def test_every_limit_is_described() -> None:
    assert [names[0] for names in _names_in_rows("Limits")] == _fields(Limits)
