"""Listen to pytest and turn what happens into scenarios with verdicts."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from clerk_harness.errors import HarnessError, NotDeclaredError
from clerk_harness.story import DoubtError, Story
from clerk_report.evidence import Evidence, Row, Scenario, Step, StepStatus

__all__ = ["Recorder"]


@dataclass
class _Draft:
    """A scenario that has not ended yet."""

    name: str
    row: str
    story: Story
    started: float = field(default_factory=time.monotonic)
    step_started: float = field(default_factory=time.monotonic)
    steps: list[Step] = field(default_factory=list)
    left: list[Any] = field(default_factory=list)
    does_not_apply: str = ""

    def step_ended(self, step: Any, *, error: str = "") -> None:
        """Keep a step that has run."""
        now = time.monotonic()
        status: StepStatus = "failed" if error else "passed"
        self.steps.append(Step(step.keyword, step.name, status, now - self.step_started, error))
        self.step_started = now
        self.left.remove(step)

    def ended(self) -> Scenario:
        """Let the evidence decide."""
        skipped = (Step(step.keyword, step.name, "skipped", 0) for step in self.left)
        return Scenario.judged(
            self.name,
            self.row,
            duration_s=time.monotonic() - self.started,
            steps=(*self.steps, *skipped),
            evidence=tuple(self.story.evidence),
        )


class Recorder:
    """A pytest plugin that provides each scenario's story and keeps its evidence.

    Args:
        new_story: Makes the story of the next scenario.
        rows: Names of the rows to run, in the order of the report.
        on_scenario: Told of each scenario as it begins (its name, None and how many there are)
            and as it ends (its name, the scenario and the same).
    """

    def __init__(
        self,
        new_story: Callable[[], Story],
        rows: tuple[str, ...],
        *,
        on_scenario: Callable[[str, Scenario | None, int], None],
    ) -> None:
        self._new_story = new_story
        self._scenarios: Mapping[str, list[Scenario]] = {row: [] for row in rows}
        self._on_scenario = on_scenario
        self._draft: _Draft | None = None
        self.planned = 0
        self.collection_errors: list[str] = []
        self.not_applicable: list[str] = []

    @property
    def rows(self) -> tuple[Row, ...]:
        """Everything that has run, row by row; a row without scenarios is *unknown*."""
        return tuple(Row.of(name, scenarios) for name, scenarios in self._scenarios.items())

    @pytest.fixture
    def clerk_story(self) -> Story:
        """The story of the scenario that runs now."""
        return self._now.story

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the scenarios of the chosen rows, in the order of the rows."""
        order = {row: number for number, row in enumerate(self._scenarios)}
        chosen = [item for item in items if _row(item) in order]
        chosen.sort(key=lambda item: order[_row(item)])
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
        self.planned = len(chosen)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A feature that cannot be read must not look like one that has nothing to say."""
        if report.failed:
            self.collection_errors.append(str(report.longrepr).strip().splitlines()[-1])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Open a draft before the scenario, and judge it when everything has been torn down."""
        name = _title(item)
        self._on_scenario(name, None, self.planned)
        self._draft = _Draft(name, _row(item), self._new_story())
        result = yield
        if reason := self._now.does_not_apply:
            self.not_applicable.append(f"{name}: {reason}")
            self._on_scenario(name, None, self.planned)
            return result
        if not self._now.story.balanced:
            self._now.story.charge_what_is_wrong()
        scenario = self._now.ended()
        self._scenarios[scenario.feature].append(scenario)
        self._on_scenario(name, scenario, self.planned)
        return result

    def pytest_bdd_before_scenario(self, scenario: Any) -> None:
        """Note every step, so that those that never ran are shown as such."""
        self._now.left = list(scenario.steps)
        self._now.step_started = time.monotonic()

    def pytest_bdd_after_step(self, step: Any) -> None:
        """A step came to its end."""
        self._now.step_ended(step)

    def pytest_bdd_step_error(self, step: Any, exception: Exception) -> None:
        """A step broke off: on a claim that failed, in doubt, or because the harness is at fault.

        Only the first speaks against the service. What the target declares not to have does not
        apply to it. Everything else means that nothing was found out, so it is kept as an
        *unknown* claim, and the step counts as not run.
        """
        if isinstance(exception, NotDeclaredError):
            self._now.does_not_apply = str(exception.cause)
        elif isinstance(exception, AssertionError | TimeoutError):
            self._now.step_ended(step, error=str(exception))
        elif not isinstance(exception, DoubtError):
            claim = "every step can be carried out"
            self._now.story.evidence.append(Evidence(claim, "unknown", _told(exception)))

    def pytest_bdd_step_func_lookup_error(self, exception: Exception) -> None:
        """A sentence that nobody defined proves nothing."""
        claim = "every step is defined"
        self._now.story.evidence.append(Evidence(claim, "unknown", str(exception)))

    @property
    def _now(self) -> _Draft:
        if self._draft is None:
            raise RuntimeError("no scenario is running")
        return self._draft


def _told(exception: Exception) -> str:
    """An error of ours in its own words; anything else is a bug, so its kind is told too."""
    if isinstance(exception, HarnessError):
        return str(exception)
    return f"{type(exception).__name__}: {exception}"


def _row(item: pytest.Item) -> str:
    template = _template(item)
    return "" if template is None else str(template.feature.name)


def _title(item: pytest.Item) -> str:
    """The scenario's name, with the example's values where it is an outline."""
    name = str(_template(item).name)
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    example: Mapping[str, str] = parameters.get("_pytest_bdd_example", {})
    filled = name
    for key, value in example.items():
        filled = filled.replace(f"<{key}>", value)
    return f"{name}: {', '.join(example.values())}" if example and filled == name else filled


def _template(item: pytest.Item) -> Any:
    function = getattr(item, "obj", None)
    return None if function is None else scenario_wrapper_template_registry.get(function)
