"""Every Python example in the docs is a test that passes."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def examples(page: str) -> list[str]:
    blocks = (ROOT / page).read_text("utf-8").split("```python\n")[1:]
    return [block.split("```", 1)[0] for block in blocks]


def functions(example: str) -> int:
    return f"\n{example}".count("\ndef test_") + example.count("\nasync def test_")


PAGES = {
    "docs/pytest.md": 4,
    "docs/seed.md": 1,
    "docs/factories.md": 3,
    "docs/delivery-faults.md": 1,
    "docs/svix.md": 1,
}


@pytest.mark.parametrize("page", PAGES)
def test_there_are_examples(page: str) -> None:
    assert len(examples(page)) == PAGES[page]


@pytest.mark.parametrize(
    ("page", "number"), [(page, number) for page, count in PAGES.items() for number in range(count)]
)
def test_an_example_passes_as_it_stands(pytester: pytest.Pytester, page: str, number: int) -> None:
    example = examples(page)[number]
    pytester.makepyfile(example)
    pytester.runpytest_subprocess().assert_outcomes(passed=functions(example))
