import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.errors import ApiError
from clerk_fake.http.query import Query
from clerk_fake.svix_api.pages import Mark, Page, listed, rows_beyond

Item = tuple[int, str]


def _mark(item: Item) -> Mark:
    return Mark(*item)


def _page(items: list[Item], *, falling: bool, **query: str) -> tuple[list[Item], dict[str, str]]:
    encoded = {name: [value] for name, value in query.items()}
    page = Page.of(Query(encoded), falling=falling)
    answer = listed(page, rows_beyond(page, items, _mark), lambda item: {"item": item})
    told = orjson.loads(answer.body)
    return [(row["item"][0], row["item"][1]) for row in told.pop("data")], told


@given(
    places=st.lists(st.integers(0, 5), max_size=12).map(sorted),
    limit=st.integers(1, 5),
    falling=st.booleans(),
)
def test_pages_show_everything_once_in_order_and_lead_back(
    places: list[int], limit: int, *, falling: bool
) -> None:
    items = [(place, f"item_{number}") for number, place in enumerate(places)]
    pages: list[list[Item]] = []
    query = {"limit": str(limit)}
    while True:
        shown, told = _page(items, falling=falling, **query)
        if pages and shown:
            back, _ = _page(items, falling=falling, limit=str(limit), iterator=told["prevIterator"])
            assert back == pages[-1]
        pages.append(shown)
        if told["done"]:
            break
        query["iterator"] = told["iterator"]

    assert all(pages) or not items
    seen = [item for page in pages for item in page]
    assert seen == (items[::-1] if falling else items)


@given(
    places=st.lists(st.integers(0, 3), max_size=12).map(sorted),
    limit=st.integers(1, 5),
    falling=st.booleans(),
)
def test_whoever_deletes_what_a_page_shows_misses_nothing(
    places: list[int], limit: int, *, falling: bool
) -> None:
    left = [(place, f"item_{number}") for number, place in enumerate(places)]
    query = {"limit": str(limit)}
    while True:
        shown, told = _page(left, falling=falling, **query)
        left = [item for item in left if item not in shown]
        if told["done"]:
            break
        query["iterator"] = told["iterator"]

    assert left == []


@pytest.mark.parametrize("order", ["", "up", "Ascending", "ascending,descending"])
def test_an_order_that_is_none_is_refused(order: str) -> None:
    with pytest.raises(ApiError, match="order"):
        Page.of(Query({"order": [order]}), falling=True)


def test_an_order_that_is_asked_for_is_taken() -> None:
    items = [(1, "a"), (2, "b")]
    assert _page(items, falling=True, order="ascending")[0] == items
    assert _page(items, falling=False, order="descending")[0] == items[::-1]
