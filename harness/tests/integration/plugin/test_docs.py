"""Every Python example in the docs is a test that passes."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def examples(page: str) -> list[str]:
    blocks = (ROOT / page).read_text("utf-8").split("```python\n")[1:]
    return [block.split("```", 1)[0] for block in blocks]


def test_there_are_examples() -> None:
    assert len(examples("docs/pytest.md")) == 4


@pytest.mark.parametrize("number", range(4))
def test_an_example_passes_as_it_stands(pytester: pytest.Pytester, number: int) -> None:
    pytester.makepyfile(examples("docs/pytest.md")[number])
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
