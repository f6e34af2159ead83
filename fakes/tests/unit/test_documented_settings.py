"""The tables of the docs name what there is, with its defaults, and nothing else."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from clerk_fake.faults.registry import FAULTS
from clerk_fake.limits.settings import Limits

DOCS = Path(__file__).parents[3] / "docs"
TABLES = {"api": ("fake.md", "Faults"), "delivery": ("delivery-faults.md", "The kinds")}
KINDS = [(seam, kind) for seam in FAULTS for kind in FAULTS[seam]]


def _tables(page: str, heading: str) -> list[list[list[str]]]:
    """The tables below a heading: rows of cells, without the head."""
    text = (DOCS / page).read_text("utf-8")
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    blocks = (block.strip().splitlines() for block in section.split("\n\n"))
    tables = (block for block in blocks if block and block[0].startswith("|"))
    return [[line.split("|")[1:-1] for line in table[2:]] for table in tables]


def _names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def _told(cell: str) -> dict[str, str]:
    """The settings in a cell, and the defaults behind them."""
    parts = (part.replace("`", "").split() for part in cell.split(",") if part.strip())
    return {name: " ".join(default) for name, *default in parts}


def _settings(of: type) -> dict[str, str]:
    return {field.name: _written(field.default) for field in dataclasses.fields(of)}


def _written(default: Any) -> str:
    if default is dataclasses.MISSING:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return (
        str(int(default))
        if isinstance(default, float) and default == int(default)
        else str(default)
    )


@pytest.mark.parametrize("seam", FAULTS)
def test_every_kind_of_fault_is_described_in_the_order_in_which_it_acts(seam: str) -> None:
    kinds, _whom = _tables(*TABLES[seam])

    assert [_names(row[0]) for row in kinds] == [[kind] for kind in FAULTS[seam]]


@pytest.mark.parametrize(("seam", "kind"), KINDS)
def test_every_setting_of_a_fault_is_described_with_its_default(seam: str, kind: str) -> None:
    kinds, _whom = _tables(*TABLES[seam])
    (settings,) = (_told(row[1]) for row in kinds if _names(row[0]) == [kind])

    assert settings == _settings(FAULTS[seam][kind])


@pytest.mark.parametrize("seam", FAULTS)
def test_everything_that_can_be_said_of_whom_a_fault_strikes_is_described(seam: str) -> None:
    _kinds, whom = _tables(*TABLES[seam])
    some = next(iter(FAULTS[seam].values()))

    named = [name for row in whom for name in _names(row[0])]
    assert sorted(named) == sorted(_settings(some.where))


def test_every_limit_is_described() -> None:
    (limits,) = _tables("fake.md", "Limits")

    assert [_names(row[0])[0] for row in limits] == list(_settings(Limits))
