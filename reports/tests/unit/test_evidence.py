from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk_report import (
    Evidence,
    ReportError,
    Row,
    Run,
    Scenario,
    Step,
    Verdict,
    worst,
)
from clerk_report.errors import DishonestVerdictError

verdicts = st.sampled_from(["pass", "fail", "unknown"])
claims = st.builds(
    Evidence,
    claim=st.just("it holds"),
    verdict=verdicts,
    observed=st.just("seen"),
    oracle=st.sampled_from(["", "O1", "O5"]),
)
steps = st.builds(
    Step,
    keyword=st.just("Given"),
    text=st.just("a user"),
    status=st.sampled_from(["passed", "failed", "skipped"]),
    duration_s=st.just(0.1),
)
scenarios = st.builds(
    Scenario.judged,
    st.just("a scenario"),
    st.just("a feature"),
    duration_s=st.just(0.1),
    steps=st.lists(steps, max_size=3).map(tuple),
    evidence=st.lists(claims, max_size=4).map(tuple),
)


def test_nothing_at_all_is_unknown() -> None:
    assert worst([]) == "unknown"


@given(st.lists(verdicts, min_size=1))
def test_fail_beats_unknown_beats_pass(folded: list[Verdict]) -> None:
    expected = "fail" if "fail" in folded else "unknown" if "unknown" in folded else "pass"
    assert worst(folded) == expected
    assert worst(reversed(folded)) == expected


def test_a_word_that_is_no_verdict_is_refused() -> None:
    with pytest.raises(ReportError, match="'ok' is not a verdict"):
        worst(["ok"])  # type: ignore[list-item]


@settings(deadline=None)
@given(st.lists(st.lists(scenarios, max_size=3), max_size=4))
def test_a_green_run_is_green_all_the_way_down(rows: Sequence[Sequence[Scenario]]) -> None:
    run = Run(
        run_id="r",
        started_at=datetime.fromisoformat("2026-01-02T03:04:05Z"),
        duration_s=1,
        seed=1,
        target="t",
        rows=tuple(Row.of("a row", row) for row in rows),
    )
    everything_green = bool(rows) and all(
        row
        and all(
            any(claim.oracle for claim in scenario.evidence)
            and all(claim.verdict == "pass" for claim in scenario.evidence)
            and all(step.status == "passed" for step in scenario.steps)
            for scenario in row
        )
        for row in rows
    )
    assert (run.verdict == "pass") == everything_green


@settings(deadline=None)
@given(scenarios)
def test_a_judged_scenario_says_why_it_is_no_pass(scenario: Scenario) -> None:
    assert bool(scenario.reason) == (scenario.verdict != "pass")


@pytest.mark.parametrize(
    ("evidence", "steps"),
    [
        pytest.param((), (), id="no evidence"),
        pytest.param((Evidence("the answer was 200", "pass", "200"),), (), id="only a status code"),
        pytest.param(
            (
                Evidence("equal", "pass", "yes", oracle="O1"),
                Evidence("no phantom", "fail", "1 phantom", oracle="O3"),
            ),
            (),
            id="one claim fails",
        ),
        pytest.param(
            (
                Evidence("equal", "pass", "yes", oracle="O1"),
                Evidence("the fault bit", "unknown", "no", oracle="O7"),
            ),
            (),
            id="one claim is unknown",
        ),
        pytest.param(
            (Evidence("equal", "pass", "yes", oracle="O1"),),
            (Step("Then", "all is well", "failed", 1.0, "it is not"),),
            id="a step failed",
        ),
    ],
)
def test_no_scenario_passes_without_the_oracle(
    evidence: tuple[Evidence, ...], steps: tuple[Step, ...]
) -> None:
    with pytest.raises(DishonestVerdictError, match="'too green' cannot be a pass"):
        Scenario("too green", "feature", "pass", 1.0, steps, evidence)


def test_a_row_cannot_be_better_than_its_scenarios(bad_scenario: Scenario) -> None:
    with pytest.raises(DishonestVerdictError, match="'Security' cannot be unknown"):
        Row("Security", "unknown", (bad_scenario,))


def test_a_row_cannot_be_better_than_its_own_evidence(good_scenario: Scenario) -> None:
    against = Evidence("no phantom rows", "fail", "1 phantom", oracle="O3")
    with pytest.raises(DishonestVerdictError):
        Row("Security", "pass", (good_scenario,), (against,))


def test_a_row_without_scenarios_is_unknown() -> None:
    assert Row.of("Security", []).verdict == "unknown"
    with pytest.raises(DishonestVerdictError):
        Row("Security", "pass")


def test_a_row_holds_the_evidence_of_its_scenarios(
    good_scenario: Scenario, bad_scenario: Scenario
) -> None:
    row = Row.of("Security", iter([good_scenario, bad_scenario]))
    assert row.evidence == good_scenario.evidence + bad_scenario.evidence


def test_a_naive_start_time_is_refused() -> None:
    with pytest.raises(ReportError, match="naive time: give started_at a time zone"):
        Run("r", datetime(2026, 1, 2), 1.0, 1, "t", ())  # noqa: DTZ001 - the point of the test
