"""``clerk-harness doctor``: is everything there that a run needs?"""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clerk_harness.cli.options import surroundings_from, target_from, target_options
from clerk_harness.doctor import CHECKS, Finding, examine
from clerk_harness.doctor.patient import Patient
from clerk_harness.ledger import Ledger
from clerk_harness.opening import open_deployment
from clerk_harness.stack import Workspace

__all__ = ["command"]


@click.command("doctor")
@target_options
def command(target: Path | None, **surroundings: Any) -> int:
    """Check everything that a run needs, one by one.

    Exit code 0: all is well; 1: something is not; 3: it could not even be started.
    """
    spec = target_from(target)
    console = Console(stderr=True)
    with Workspace.open("doctor") as workspace, console.status("starting") as status:
        deployment = open_deployment(spec, surroundings_from(**surroundings), workspace)
        patient = Patient(deployment, Ledger(deployment.clerk))
        findings = []
        for finding in examine(patient):
            findings.append(finding)
            status.update(f"{len(findings)} of {len(CHECKS)} checks done")
        deployment.stop()
    asked = [finding for finding in findings if finding.applies]
    healthy = sum(finding.healthy for finding in asked)
    Console().print(_table(findings))
    click.echo(f"success rate {100 * healthy / len(asked):.0f} % ({healthy}/{len(asked)})")
    return 0 if healthy == len(asked) else 1


def _table(findings: list[Finding]) -> Table:
    table = Table("Check", "Result", "Seen", "Time")
    for finding in findings:
        result = "[green]ok[/]" if finding.healthy else "[bold red]failed[/]"
        if not finding.applies:
            result = "not applicable"
        table.add_row(finding.question, result, escape(finding.told), f"{finding.took_s:.2f} s")
    return table
