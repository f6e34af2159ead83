from pathlib import Path

import pytest

from clerk_fake.bapi.routes import ROUTES
from clerk_fake.coverage import coverage_page, openapi_directory, published_operations
from clerk_fake.errors import StartError

PAGE = Path(__file__).parents[3] / "docs" / "coverage.md"


@pytest.fixture
def openapi(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(PAGE.parents[1])
    try:
        return openapi_directory()
    except StartError as missing:
        pytest.skip(str(missing))


def test_the_page_of_coverage_is_current(openapi: Path) -> None:
    page = coverage_page(list(published_operations(openapi)))

    assert page == PAGE.read_text(), "run `make coverage`"


def test_all_published_operations_are_counted(openapi: Path) -> None:
    operations = list(published_operations(openapi))

    assert len(operations) == len(set(operations)) == 249
    page = coverage_page(operations)
    counted = [line.split("|")[2] for line in page.splitlines() if line.count("|") == 4][2:5]
    assert sum(map(int, counted)) == 249
    assert page.count("| `") == 249


def test_no_operation_is_offered_twice() -> None:
    offered = [(route.method, route.path) for route in ROUTES]

    assert len(offered) == len(set(offered))
