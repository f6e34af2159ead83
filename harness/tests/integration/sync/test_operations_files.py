"""Alerts, dashboard and the pages of operation: every name in them is one of a real scrape."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import promql_parser
import psycopg
import pytest
import pytest_asyncio
import yaml
from prometheus_client.parser import text_string_to_metric_families

import clerk_sync
from clerk_sync.config import Settings
from clerk_sync.metrics import Metrics

ROOT = Path(__file__).parents[4]
OPS = Path(clerk_sync.__file__).parent / "ops"
GUIDE = (ROOT / "docs" / "service-operations.md").read_text()
CONFIGURATION = (ROOT / "docs" / "service-configuration.md").read_text()
OF_PROMETHEUS = {"up": {"job"}}
SUFFIXES = ("_total", "_bucket", "_sum", "_count")


@pytest_asyncio.fixture
async def scraped(service: Any, database_url: str) -> dict[str, set[str]]:
    """Every metric of a real scrape and its labels."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("""
            INSERT INTO repair_runs VALUES
            ('run_1', 'reconcile', '{"drift": {"missing": 2}}', now(), now(), now())
        """)
    await service.process("user.created")
    text = (await service.http.get("/metrics")).text
    declared = {
        name: set(getattr(instrument, "_labelnames", ()))
        for instrument in vars(Metrics()).values()
        if (name := getattr(instrument, "_name", None))
    }
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        if family.name.endswith("_created"):
            continue
        labels = set().union(*(sample.labels for sample in family.samples))
        found[family.name] = labels | declared.get(family.name, set())
    assert found["reconcile_drift_records"] == {"kind"}
    return found


def _family(name: str, found: dict[str, set[str]]) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix) and name.removesuffix(suffix) in found:
            return name.removesuffix(suffix)
    return name


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((OPS / "dashboard.json").read_text())["panels"]
    return found


def _expressions() -> list[str]:
    return [rule["expr"] for rule in _rules()] + [
        target["expr"] for panel in _panels() for target in panel["targets"]
    ]


def _selectors(expression: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield metrics with the labels that are asked of them, those of ``by`` around them too."""
    match expression:
        case promql_parser.VectorSelector():
            yield expression.name, {one.name for one in expression.matchers.matchers}
        case promql_parser.MatrixSelector():
            yield from _selectors(expression.vector_selector)
        case promql_parser.Call():
            for argument in expression.args:
                yield from _selectors(argument)
        case promql_parser.BinaryExpr():
            yield from _selectors(expression.lhs)
            yield from _selectors(expression.rhs)
        case promql_parser.ParenExpr():
            yield from _selectors(expression.expr)
        case promql_parser.AggregateExpr():
            by = set(expression.modifier.labels) if expression.modifier else set()
            for name, labels in _selectors(expression.expr):
                yield name, labels | by
        case _:
            assert isinstance(expression, promql_parser.NumberLiteral), expression


@pytest.mark.asyncio
async def test_every_expression_parses_and_asks_for_what_there_is(
    scraped: dict[str, set[str]],
) -> None:
    known = scraped | OF_PROMETHEUS
    asked = set()
    for text in _expressions():
        for name, labels in _selectors(promql_parser.parse(text)):
            family = _family(name, known)
            assert family in known, f"{name} in {text}"
            bucket = {"le"} if name.endswith("_bucket") else set()
            assert labels <= known[family] | bucket, text
            counter = "_total" if name.endswith("_total") else ""
            assert name == family or counter or name.endswith(SUFFIXES), text
            asked.add(family)
    assert scraped.keys() - asked == set(), "nobody looks at these"


@pytest.mark.asyncio
async def test_the_guide_lists_every_metric_with_its_labels(scraped: dict[str, set[str]]) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|", GUIDE, re.MULTILINE)
    listed = {_family(name, scraped): set(re.findall(r"`(\w+)`", text)) for name, _, text in rows}
    assert listed == {name: labels - {"le"} for name, labels in scraped.items()}


def test_every_alert_says_what_is_wrong_and_leads_to_a_runbook() -> None:
    anchors = {
        heading.lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    }
    rules = _rules()
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert (page, anchor in anchors) == ("docs/service-operations.md", True), rule["alert"]
        assert f"`{rule['alert']}`: {rule['annotations']['summary']}." in GUIDE
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert re.fullmatch(r"\d+[mh]", rule["for"])


def test_the_dashboard_is_one_that_grafana_can_lay_out() -> None:
    panels = _panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (place["x"] + dx, place["y"] + dy)
            for dx in range(place["w"])
            for dy in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["legendFormat"] for target in panel["targets"])


def test_the_page_of_options_and_the_code_say_the_same() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| (.+) \|$",
        CONFIGURATION,
        re.MULTILINE,
    )
    listed = {
        name: (default.strip("` "), required.strip(), secret.strip() == "yes")
        for name, default, required, _, secret, _ in rows
    }
    assert listed == {
        spec.metadata["env"]: (
            spec.metadata["default"],
            ", ".join(sorted(role.value for role in spec.metadata["roles"])),
            spec.metadata["secret"],
        )
        for spec in fields(Settings)
    }
    assert all(meaning.strip() for *_, meaning in rows)
    assert len(rows) == len(listed)
    # One kind of value, one description of its range.
    ranges: dict[Any, set[str]] = {}
    parsers = {spec.metadata["env"]: spec.metadata["parse"] for spec in fields(Settings)}
    for name, _, _, allowed, _, _ in rows:
        ranges.setdefault(parsers[name], set()).add(allowed)
    assert all(len(said) == 1 for said in ranges.values()), ranges


def test_links_of_the_pages_lead_somewhere() -> None:
    for page in ("service.md", "service-operations.md", "service-configuration.md"):
        text = (ROOT / "docs" / page).read_text()
        for target in re.findall(r"\]\(([^)#]+\.md)", text):
            assert (ROOT / "docs" / target).exists(), f"{target} in {page}"
