import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk_report import Evidence, Row, Run, Scenario, junit

MakeRun = Callable[..., Run]


def parsed(run: Run) -> ET.Element:
    return ET.fromstring(junit.render(run))  # noqa: S314 - our own output


def test_each_row_is_a_suite_with_its_counts(make_run: MakeRun) -> None:
    root = parsed(make_run())
    assert [suite.get("name") for suite in root][:3] == [
        "User Registration",
        "User Authentication",
        "Profile Updates",
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("10", "1", "1")


def test_a_fail_is_a_failure_and_an_unknown_an_error_of_type_unknown(make_run: MakeRun) -> None:
    root = parsed(make_run())
    failure = root.find(".//failure")
    error = root.find(".//error")
    assert failure is not None
    assert error is not None
    assert failure.get("message") == "still 'Ada'"
    assert "user_1: Clerk 'Grace', local 'Ada'" in (failure.text or "")
    assert (error.get("type"), error.get("message")) == ("unknown", "the fault did not bite")


@pytest.mark.parametrize("rows", [(), (Row.of("Security", []),)], ids=["no row", "an empty row"])
def test_nothing_proven_is_an_error(make_run: MakeRun, rows: tuple[Row, ...]) -> None:
    root = parsed(make_run(rows=rows))
    assert (root.get("tests"), root.get("errors")) == ("1", "1")


def test_a_row_that_fails_by_its_own_evidence_is_a_failure(
    make_run: MakeRun,
    good_scenario: Scenario,
) -> None:
    phantom = Evidence("no phantom rows", "fail", "1 phantom", oracle="O3")
    root = parsed(make_run(rows=(Row("Security", "fail", (good_scenario,), (phantom,)),)))
    assert root.get("failures") == "1"
    assert "1 phantom" in (root.findtext(".//failure") or "")


@settings(deadline=None)
@given(st.text())
def test_any_text_makes_valid_xml(text: str) -> None:
    encodable = text.encode("utf-8", "replace").decode()
    claim = Evidence(encodable, "fail", encodable, oracle="O1", detail=encodable)
    scenario = Scenario.judged(encodable, encodable, duration_s=1, evidence=(claim,))
    run = Run("r", datetime.now(UTC), 1.0, 1, encodable, (Row.of(encodable, [scenario]),))
    assert parsed(run).get("failures") == "1"


def test_control_characters_are_spelt_out(make_run: MakeRun) -> None:
    root = parsed(make_run(target="colour \x1b[31m and \x00 nought"))
    values = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert values["target"] == r"colour \x1b[31m and \x00 nought"
