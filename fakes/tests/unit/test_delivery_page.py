"""``docs/delivery.md`` promises nothing without a test, and leaves out nothing that is asked."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "delivery.md").read_text("utf-8")
ROOMS = ("fakes/tests/", "harness/tests/")

# Heading → what must be said below it, each in the first column of some row.
ASKED_FOR = {
    "Signing": (
        "`v1`", "`v1a`", "`whsec_`", "Several signatures", "24 h", "ten old", "`webhook-*`",
        "timestamp", "id stays", "`svix` library", "Standard Webhooks",
    ),
    "Schedule": (
        "99,305 s", "20 %", "switched off", "15 s", "2xx", "3xx", "410", "`Retry-After`",
        "429, 502, 504", "timeout", "once more", "five days", "`abort-message`",
        "less than a second",
    ),
    "Endpoints": (
        "Many", "event types", "channels", "headers", "rate limit", "disabled", "enabled again",
        "secret is rotated", "`endpoint.created`", "`endpoint.updated`", "`endpoint.deleted`",
        "`endpoint.disabled`", "`message.attempt.failing`", "`message.attempt.exhausted`",
        "`message.attempt.recovered`",
    ),
    "Messages and attempts": (
        "request", "response", "64 kB", "status", "latency", "sent again", "recovered", "replayed",
        "`Idempotency-Key`", "`eventId`",
    ),
    "Svix's own API": (
        "Messages are listed", "Attempts are listed", "sent again", "recovered", "rotated",
        "asynchronous client",
    ),
    "Delivery faults": (
        "byte-identical", "re-signed", "reordered", "delayed", "dropped",
        "after the acknowledgement",
        "acknowledgement is lost", "slow body", "truncated body", "wrong signature", "old key",
        "unknown signature version", "multiple signatures", "clock skew", "ahead", "behind",
        "rotation in mid-flight", "burst", "replay storm", "disabled, then recovered",
        "stale timestamp", "seed", "together", "event type", "endpoint", "probability", "counted",
        "never fired",
    ),
    "From the command line": (
        "`trigger`", "`--set`", "`--to`", "`events list`", "`events show`", "`events replay`",
    ),
    "SSRF guard": (
        "private", "CGNAT", "link-local", "NAT64", "mapped", "DNS rebinding", "loopback by default",
        "on purpose",
    ),
    "Fairness and memory": ("slow", "dead", "1,000,000", "drains", "pending"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of a table of the page."""

    heading: str
    behaviour: str
    tests: tuple[str, ...]


def rows_of(page: str) -> list[Row]:
    rows = []
    for section in page.split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        lines = [line for line in section.splitlines() if line.startswith("|")]
        if not lines:
            continue
        assert [cell.strip() for cell in lines[0].split("|")[1:-1]] == ["behaviour", "test"]
        assert set(lines[1]) <= set("|- ")
        for line in lines[2:]:
            _, behaviour, tests, _ = line.split("|")  # no other | may stand in a row
            rows.append(Row(heading, behaviour.strip(), tuple(re.findall(r"`([^`]+)`", tests))))
    return rows


@cache
def found_in(path: str) -> dict[str, bool]:
    """The tests of a file, and whether each is parametrised."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {
        node.name: any("parametrize" in ast.unparse(mark) for mark in node.decorator_list)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def problem_with(test: str) -> str | None:
    path, _, name = test.partition("::")
    if not path.startswith(ROOMS) or not (ROOT / path).is_file():
        return f"{path} is no file of {' or '.join(ROOMS)}"
    plain, _, case = name.partition("[")
    if plain not in found_in(path):
        return f"{path} has no test {plain}"
    if case and not (case.endswith("]") and found_in(path)[plain]):
        return f"{plain} of {path} has no cases"
    if case and case[:-1] not in (ROOT / path).read_text("utf-8"):
        return f"{path} knows nothing of {case[:-1]}"
    return None


ROWS = rows_of(PAGE)


def test_every_test_that_the_page_names_exists() -> None:
    problems = [problem for row in ROWS for test in row.tests if (problem := problem_with(test))]

    assert problems == []


def test_every_row_names_a_test_and_no_row_is_double() -> None:
    assert ROWS
    assert [row.behaviour for row in ROWS if not row.behaviour or not row.tests] == []
    said = [(row.heading, row.behaviour) for row in ROWS]
    assert len(said) == len(set(said))
    assert [row for row in ROWS if len(row.tests) != len(set(row.tests))] == []


@pytest.mark.parametrize("heading", ASKED_FOR)
def test_everything_that_was_asked_for_has_a_row(heading: str) -> None:
    said = [row.behaviour for row in ROWS if row.heading == heading]

    unsaid = [words for words in ASKED_FOR[heading] if not any(words in one for one in said)]

    assert said
    assert unsaid == []


def test_rows_stand_below_the_headings_that_were_asked_for_only() -> None:
    assert list(dict.fromkeys(row.heading for row in ROWS)) == list(ASKED_FOR)


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    here = "fakes/tests/unit/test_delivery_page.py"

    assert problem_with(f"{here}::test_every_test_that_the_page_names_exists") is None
    assert problem_with(f"{here}::test_everything_that_was_asked_for_has_a_row[Signing]") is None
    for wrong in (
        f"{here}::test_nothing",
        f"{here}::test_every_test_that_the_page_names_exists[case]",
        f"{here}::test_everything_that_was_asked_for_has_a_row[Sign" + "ing up]",
        f"{here}::problem_with",
        here,
        "fakes/tests/unit/test_nothing.py::test_nothing",
        "docs/delivery.md::test_nothing",
    ):
        assert problem_with(wrong) is not None, wrong
