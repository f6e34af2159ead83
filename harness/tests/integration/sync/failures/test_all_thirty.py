"""The thirty failures of ``docs/real-failures.md``: none is left out, and each is tried."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[4] / "docs" / "real-failures.md"
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def _tests() -> dict[str, set[int]]:
    """Return the tests of this folder that have numbers, by their names."""
    functions = (
        node.name
        for path in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    numbered = {name: re.match(r"test_((?:\d\d_)+)", name) for name in functions}
    return {
        name: {int(number) for number in found[1].strip("_").split("_")}
        for name, found in numbered.items()
        if found
    }


def _rows() -> dict[int, tuple[str, str, str]]:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    return {int(number): (elsewhere, here, tried) for number, elsewhere, here, tried in rows}


def test_every_failure_has_a_row_and_every_row_says_something() -> None:
    rows = _rows()
    assert sorted(rows) == list(range(1, 31))
    assert all(len(cell.strip()) > 10 for cells in rows.values() for cell in cells)


def test_every_failure_is_tried_by_the_tests_that_its_row_names() -> None:
    tried = _tests()
    named = {
        number: set(re.findall(r"`(test_\w+)`", cells[2])) for number, cells in _rows().items()
    }
    by_number = {
        number: {name for name, numbers in tried.items() if number in numbers}
        for number in range(1, 31)
    }
    assert named == by_number
    assert all(by_number.values())
