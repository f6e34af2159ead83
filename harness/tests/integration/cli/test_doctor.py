"""The doctor: everything is well on the embedded stack, and what is absent does not count."""

import subprocess
from collections.abc import Callable
from pathlib import Path

EXAMPLE = Path(__file__).parents[4] / "examples" / "plain_service" / "target.toml"

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_reference_service_is_well_in_every_respect(clerk_harness: Run) -> None:
    done = clerk_harness("doctor", COLUMNS="200")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "success rate 100 % (10/10)" in done.stdout
    assert "not applicable" not in done.stdout


def test_what_a_target_declares_not_to_have_is_not_held_against_it(clerk_harness: Run) -> None:
    done = clerk_harness("doctor", "--target", str(EXAMPLE), COLUMNS="200")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "success rate 100 % (5/5)" in done.stdout
    assert done.stdout.count("not applicable") == 5
