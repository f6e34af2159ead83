"""Run the matrix against one service, from nothing to a run that can be reported."""

import os
import platform
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from clerk_harness.chaos.deliveries import DELIVERY_ROW, DeliveryFault, Disturbance, disturbed
from clerk_harness.errors import HarnessError
from clerk_harness.ledger import Ledger
from clerk_harness.load import LoadSettings
from clerk_harness.matrix.recorder import Recorder
from clerk_harness.matrix.rows import ROWS
from clerk_harness.matrix.timeline import timeline
from clerk_harness.opening import Surroundings, open_deployment
from clerk_harness.stack import Workspace
from clerk_harness.steps import STEP_MODULES
from clerk_harness.story import Story
from clerk_harness.target import Deployment, TargetSpec
from clerk_report.evidence import Row, Run, Scenario

__all__ = ["MatrixSettings", "run_matrix"]

Progress = Callable[[str, Scenario | None, int], None]


@dataclass(frozen=True)
class MatrixSettings:
    """One run.

    Attributes:
        target: The service under test.
        surroundings: Where its database and broker come from.
        rows: Rows to run.
        load: How much load the webhook row brings.
        delivery_faults: What happens to Clerk's deliveries all the time; a row of its own tells
            whether it did.
        seed: Decides everything that is drawn.
        command: What a person types to run this again.
    """

    target: TargetSpec
    surroundings: Surroundings
    rows: tuple[str, ...] = ROWS
    load: LoadSettings = field(default_factory=LoadSettings)
    delivery_faults: tuple[DeliveryFault, ...] = ()
    seed: int = 0
    command: str = ""


def run_matrix(
    settings: MatrixSettings,
    *,
    on_stage: Callable[[str], None],
    on_scenario: Progress,
) -> Run:
    """Start everything, run the chosen rows, stop everything, and return what was found.

    Args:
        settings: What to run.
        on_stage: Told in a few words what is being started.
        on_scenario: Told of each scenario as it begins and ends; see :class:`Recorder`.

    Raises:
        HarnessError: Something did not come up, or the features could not be read.
    """
    started_at, started, load_before = datetime.now(UTC), time.monotonic(), os.getloadavg()
    with Workspace.open("validate") as workspace:
        on_stage("starting the fake Clerk, Postgres, Redis and the service")
        deployment = open_deployment(settings.target, settings.surroundings, workspace)
        ready_s = time.monotonic() - started
        ledger = Ledger(deployment.clerk)
        recorder = _recorder(settings, workspace, deployment, ledger, on_scenario)
        with disturbed(deployment, ledger, settings.delivery_faults) as disturbance:
            _run_pytest(recorder)
            rows = (*recorder.rows, *_about_deliveries(settings, disturbance))
        ledger.refresh()
        deployment.stop()
    environment = {
        "clerk-harness": version("clerk-harness"),
        "Python": platform.python_version(),
        "System": platform.platform(),
        "CPUs": str(os.cpu_count()),
        "Stack": settings.surroundings.mode if settings.target.leans_on else "none",
        "Ready after": f"{ready_s:.2f} s",
        "Load average": f"{load_before[0]:.2f} before, {os.getloadavg()[0]:.2f} after",
        "Delivery": "Svix's schedule, compressed to seconds",
        "Not applicable": "; ".join(recorder.not_applicable) or "nothing",
        "Delivery faults": "; ".join(each.text for each in settings.delivery_faults) or "none",
        "Rows": f"{len(settings.rows)} of {len(ROWS)}",
        "Load": f"{settings.load.rate:g} messages/s for {settings.load.duration_s:g} s",
    }
    return Run(
        run_id=f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
        started_at=started_at,
        duration_s=time.monotonic() - started,
        seed=settings.seed,
        target=settings.target.name,
        rows=rows,
        timeline=timeline(ledger, started_at.timestamp()),
        environment=environment,
        command=settings.command,
        rows_in_all=len(ROWS) + bool(settings.delivery_faults),
    )


def _about_deliveries(settings: MatrixSettings, disturbance: Disturbance) -> tuple[Row, ...]:
    """Return the row of the delivery faults, if there are any."""
    if not settings.delivery_faults:
        return ()
    return (Row.of(DELIVERY_ROW, disturbance.judge()),)


def _recorder(
    settings: MatrixSettings,
    workspace: Workspace,
    deployment: Deployment,
    ledger: Ledger,
    on_scenario: Progress,
) -> Recorder:
    rng = random.Random(settings.seed)  # noqa: S311 - repeatable, not secret

    def new_story() -> Story:
        # Not drawn from the seed: a service that is not ours keeps its rows from run to run.
        label = secrets.token_hex(4)
        story_rng = random.Random(rng.random())  # noqa: S311 - repeatable, not secret
        return Story(deployment, ledger, workspace, story_rng, label, settings.load)

    return Recorder(new_story, settings.rows, on_scenario=on_scenario)


def _run_pytest(recorder: Recorder) -> None:
    """Run pytest in this process, deaf to the configuration and plugins of wherever it is."""
    os.environ.pop("PYTEST_ADDOPTS", None)
    plugins = [part for module in STEP_MODULES for part in ("-p", module)]
    here = Path(__file__).with_name("scenarios.py")  # it can be imported by pytest only
    code = pytest.ExitCode(
        pytest.main(
            [
                *("-c", os.devnull, f"--rootdir={here.parent}", "--noconftest", "--assert=plain"),
                *("--disable-plugin-autoload", "-p", "pytest_bdd.plugin", *plugins),
                *(
                    "-p",
                    "no:terminal",
                    "-p",
                    "no:cacheprovider",
                    "-p",
                    "no:logging",
                    "--capture=no",
                ),
                str(here),
            ],
            plugins=[recorder],
        )
    )
    if recorder.collection_errors:
        raise HarnessError("the features cannot be read", recorder.collection_errors[0])
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise HarnessError(f"pytest could not run the features ({code.name})", "this is a bug")
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
