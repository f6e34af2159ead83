"""``clerk-harness validate``: the main job."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from clerk_harness.chaos.deliveries import read_delivery_fault
from clerk_harness.cli.options import surroundings_from, target_from, target_options
from clerk_harness.errors import ConfigurationError
from clerk_harness.load import LoadSettings
from clerk_harness.matrix import ROWS, MatrixSettings, run_matrix
from clerk_report.errors import LatestLinkError
from clerk_report.evidence import Run, Scenario
from clerk_report.writer import write

__all__ = ["command"]

_EXIT = {"pass": 0, "fail": 1, "unknown": 2}
_STYLE = {"pass": "green", "fail": "bold red", "unknown": "yellow"}


@click.command("validate")
@target_options
@click.option("--row", "rows", multiple=True, help="Run only this row; may be given again.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/out"),
    show_default=True,
    help="Where the report is written: a folder per run, and 'latest'.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Repeats what was drawn.")
@click.option(
    "--rate",
    type=click.FloatRange(min=1, max=5000),
    default=50,
    show_default=True,
    help="Load of the webhook row, in messages per second.",
)
@click.option(
    "--duration",
    type=click.FloatRange(min=1, max=600),
    default=10,
    show_default=True,
    help="Length of that load, in seconds.",
)
@click.option(
    "--delivery-fault",
    "delivery_faults",
    multiple=True,
    metavar="KIND[:SETTING=VALUE,...]",
    help="Let this happen to Clerk's deliveries all the time; may be given again.",
)
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    target: Path | None,
    rows: tuple[str, ...],
    out: Path,
    seed: int,
    rate: float,
    duration: float,
    delivery_faults: tuple[str, ...],
    **surroundings: Any,
) -> int:
    """Run the validation matrix against a service and write the report.

    Exit code 0: every row passed; 1: one failed; 2: one could not be told; 3: usage, configuration
    or environment.
    """
    settings = MatrixSettings(
        target=target_from(target),
        surroundings=surroundings_from(**surroundings),
        rows=_chosen(rows),
        load=LoadSettings(rate=rate, duration_s=duration),
        delivery_faults=tuple(map(read_delivery_fault, delivery_faults)),
        seed=seed,
        command=f"clerk-harness {' '.join(sys.argv[1:])}",
    )
    _make(out)
    console = Console(stderr=True)
    run = _run(settings, console)
    _summary(run, _written(run, out, console), console)
    return _EXIT[run.verdict]


def _make(out: Path) -> None:
    """Find out before the run, not after it, that its report could not be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as problem:
        raise ConfigurationError(
            f"no report can be written to {out} ({problem.strerror})",
            "give a folder of yours with --out",
        ) from problem


def _written(run: Run, out: Path, console: Console) -> Path:
    try:
        return write(run, out)
    except LatestLinkError as problem:
        console.print(escape(f"clerk-harness: {problem}"))
        return problem.report


def _chosen(rows: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [row for row in rows if row not in ROWS]
    if unknown:
        raise ConfigurationError(
            f"there is no row {unknown[0]!r}", f"choose among {', '.join(ROWS)}"
        )
    return tuple(row for row in ROWS if row in rows) or ROWS


def _run(settings: MatrixSettings, console: Console) -> Run:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("starting", total=None)

        def on_scenario(name: str, scenario: Scenario | None, planned: int) -> None:
            if scenario is None:
                progress.update(bar, description=name[:60], total=planned)
                return
            progress.advance(bar)
            if scenario.verdict != "pass":
                style = _STYLE[scenario.verdict]
                progress.print(
                    f"[{style}]{scenario.verdict}[/] {escape(f'{scenario.feature}: {name}')}\n"
                    f"     {escape(scenario.reason)}"
                )

        return run_matrix(
            settings,
            on_stage=lambda stage: progress.update(bar, description=stage),
            on_scenario=on_scenario,
        )


def _summary(run: Run, folder: Path, console: Console) -> None:
    table = Table(title=f"{run.target}: {run.verdict}", title_style=_STYLE[run.verdict])
    table.add_column("Row")
    table.add_column("Verdict")
    table.add_column("Scenarios", justify="right")
    for row in run.rows:
        verdict = f"[{_STYLE[row.verdict]}]{row.verdict}[/]"
        table.add_row(row.row, verdict, str(len(row.scenarios)))
    console.print(table)
    console.print(f"{run.duration_s:.0f} s, seed {run.seed}; report: {folder / 'index.html'}")
