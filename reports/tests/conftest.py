"""Made-up runs for the tests of the report."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from clerk_report import (
    Delivery,
    Evidence,
    FaultWindow,
    Row,
    Run,
    Scenario,
    Step,
    Timeline,
)

MATRIX = (
    "User Registration",
    "User Authentication",
    "Profile Updates",
    "User Deletion",
    "Webhook Processing",
    "Background Tasks",
    "Error Handling",
    "Security",
)


@pytest.fixture
def equal_users() -> Evidence:
    return Evidence(
        "Local users equal Clerk's", "pass", "3 of 3 equal", expected="all", oracle="O1"
    )


@pytest.fixture
def good_scenario(equal_users: Evidence) -> Scenario:
    return Scenario(
        name="Created in Clerk, the same user is local",
        feature="registration",
        verdict="pass",
        duration_s=0.25,
        steps=(Step("When", "Clerk delivers the event", "passed", 0.02),),
        evidence=(equal_users,),
    )


@pytest.fixture
def bad_scenario() -> Scenario:
    claim = Evidence(
        "Local users equal Clerk's",
        "fail",
        "1 of 3 differs in first_name",
        expected="all",
        oracle="O1",
        detail="user_1: Clerk 'Grace', local 'Ada'",
    )
    step = Step("Then", "the local row is equal", "failed", 5.0, "waited for 5 s in vain")
    return Scenario(
        "A change reaches the local row", "profile", "fail", 5.3, (step,), (claim,), "still 'Ada'"
    )


@pytest.fixture
def unclear_scenario(equal_users: Evidence) -> Scenario:
    bite = Evidence("The fault bit", "unknown", "no wake-up failed", "at least 1", "O7")
    return Scenario(
        "Redis is killed",
        "errors",
        "unknown",
        9.0,
        evidence=(bite, equal_users),
        reason="the fault did not bite",
    )


MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(
    good_scenario: Scenario, bad_scenario: Scenario, unclear_scenario: Scenario
) -> MakeRun:
    """A run of eight rows, one failing and one unclear, any field of which can be given."""

    def make(**fields: object) -> Run:
        scenarios = {
            "Profile Updates": (bad_scenario, good_scenario),
            "Error Handling": (good_scenario, unclear_scenario),
        }
        given: dict[str, object] = {
            "run_id": "run-1",
            "started_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "duration_s": 61.5,
            "seed": 4711,
            "target": "http://127.0.0.1:8123",
            "rows": tuple(Row.of(name, scenarios.get(name, (good_scenario,))) for name in MATRIX),
            "timeline": Timeline(
                deliveries=(
                    *(Delivery(i / 10, 5.0 + i % 7, "ok", "load") for i in range(600)),
                    *(Delivery(30 + i / 10, 9.0, "refused", "dispatcher") for i in range(20)),
                    Delivery(31.0, 15_000.0, "lost", "load"),
                ),
                faults=(FaultWindow("Postgres killed", 30, 32.5),),
            ),
            "environment": {"python": "3.11.7"},
            "command": "clerk-harness validate --seed 4711",
        }
        return Run(**(given | fields))  # type: ignore[arg-type]

    return make
