"""The page as a browser shows it, from ``file://`` and without any network."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from clerk_report import Run, Timeline, write

MakeRun = Callable[..., Run]
CHROMIUM = Path(os.environ.get("CLERK_HARNESS_CHROMIUM") or "/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(
            f"no Chromium at {CHROMIUM}: run 'apt-get install chromium',"
            " or set CLERK_HARNESS_CHROMIUM to one"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        yield chromium
        chromium.close()


@dataclass
class Seen:
    """What the browser complained about or asked for."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@dataclass
class Opened:
    page: Page
    seen: Seen


Open = Callable[..., Opened]


@pytest.fixture
def open_page(browser: Browser, make_run: MakeRun, tmp_path: Path) -> Iterator[Open]:
    contexts = []

    def open_it(*, width: int = 1200, scheme: str = "light", **fields: object) -> Opened:
        report = write(make_run(**fields), tmp_path) / "index.html"
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page, seen = context.new_page(), Seen()
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.goto(report.as_uri(), wait_until="load")
        return Opened(page, seen)

    yield open_it
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [1200, 420])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_offline_and_shows_the_verdict(
    open_page: Open, width: int, scheme: str
) -> None:
    opened = open_page(width=width, scheme=scheme)
    page = opened.page
    assert page.get_by_role("heading", level=1).inner_text() == "Fail"
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator("#matrix tbody tr").count() == 8
    assert page.locator("#matrix tbody tr").filter(has_text="Profile Updates").is_visible()
    assert page.locator("svg#timeline").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.seen.complaints == []
    assert [url for url in opened.seen.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in opened.seen.requests if url.startswith("file:")]) == 1


def test_what_failed_or_is_unknown_is_open_and_what_passed_is_closed(open_page: Open) -> None:
    page = open_page().page
    assert page.get_by_text("user_1: Clerk 'Grace', local 'Ada'").is_visible()
    assert page.get_by_text("Why it is unknown: the fault did not bite").is_visible()
    passed = page.locator("details.scenario.pass").first
    claim = passed.get_by_text("3 of 3 equal")
    assert not claim.is_visible()
    passed.locator("summary").click()
    assert claim.is_visible()


def test_the_matrix_leads_to_the_evidence(open_page: Open) -> None:
    page = open_page().page
    page.locator("#matrix").get_by_role("link", name="Error Handling").click()
    article = page.locator("article:target")
    assert article.get_by_role("heading", level=3).inner_text().startswith("Error Handling")


def test_the_fault_is_shaded_where_the_time_axis_says(open_page: Open) -> None:
    page = open_page().page
    assert page.locator("svg#timeline text.fault").all_text_contents() == ["Postgres killed"]
    chart = page.locator("svg#timeline").bounding_box()
    shade = page.locator("svg#timeline rect.shade").bounding_box()
    assert chart
    assert shade
    start_s = (shade["x"] - chart["x"]) / chart["width"] * 62
    assert start_s == pytest.approx(30, abs=0.5)
    assert shade["width"] / chart["width"] * 62 == pytest.approx(2.5, abs=0.5)


def test_the_figures_can_be_read_as_a_table(open_page: Open) -> None:
    page = open_page().page
    page.get_by_text("The same as a table").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="31 s", exact=True))
    assert row.locator("td").all_inner_texts()[:3] == ["10", "10", "1"]


def test_a_printed_page_shows_closed_evidence_too(open_page: Open) -> None:
    page = open_page().page
    claims = page.locator("details.scenario.pass").first.locator(".claims")
    assert claims.evaluate("table => table.checkVisibility()") is False
    page.emulate_media(media="print")
    assert claims.evaluate("table => table.checkVisibility()") is True


def test_long_words_wrap_on_a_phone(open_page: Open) -> None:
    page = open_page(width=420, target="x" * 400, command="y" * 400).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_a_run_without_deliveries_says_so(open_page: Open) -> None:
    opened = open_page(timeline=Timeline())
    assert opened.page.get_by_text("no delivery was recorded").is_visible()
    assert opened.seen.complaints == []
