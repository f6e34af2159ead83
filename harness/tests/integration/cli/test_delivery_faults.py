"""The matrix of a right service while its deliveries go wrong."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[4] / "examples" / "plain_service"
ROW = "Delivery Faults"


@pytest.fixture
def service(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "service"))


def _validate(folder: Path, row: str, *faults: str) -> tuple[int, dict[str, Any]]:
    options = [part for fault in faults for part in ("--delivery-fault", fault)]
    command = [sys.executable, "-m", "clerk_harness", "validate", "--target", "target.toml"]
    done = subprocess.run(
        [*command, "--row", row, *options],
        cwd=folder,
        env={**os.environ, "CLERK_HARNESS_RUNTIME_DIR": str(folder / "runtime")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    verdict = folder / "reports" / "out" / "latest" / "verdict.json"
    assert verdict.exists(), done.stderr
    return done.returncode, json.loads(verdict.read_text("utf-8"))


def _verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {row["row"]: row["verdict"] for row in report["rows"]}


def test_a_right_service_survives_what_can_be_survived_and_the_counters_are_told(
    service: Path,
) -> None:
    code, report = _validate(
        service,
        "User Registration",
        "duplicate:copies=2,signing=fresh",
        "reorder:window=4,wait_s=0.2",
        "ack_lost:probability=0.2",
        "multiple_signatures",
        "clock_skew:skew_s=-120",
        "replay_storm",
    )

    assert (code, _verdicts(report)) == (0, {"User Registration": "pass", ROW: "pass"}), report
    counted = {fault["name"]: fault for fault in report["faults"]}
    assert len(counted) == 6
    assert all(0 < fault["fired"] <= fault["matched"] for fault in counted.values())
    told = {claim["claim"]: claim["observed"] for claim in report["rows"][1]["evidence"]}
    storm = counted["replay_storm"]
    assert told["replay_storm took effect"] == f"{storm['fired']} fired, {storm['matched']} matched"
    assert report["environment"]["Delivery faults"].startswith("duplicate:copies=2,signing=fresh; ")


def test_a_fault_that_never_fired_makes_the_run_unknown(service: Path) -> None:
    code, report = _validate(
        service, "Profile Updates", "duplicate:event_types=organization.*", "multiple_signatures"
    )

    assert (code, report["verdict"]) == (2, "unknown")
    assert _verdicts(report) == {"Profile Updates": "pass", ROW: "unknown"}
    scenarios = {each["name"]: each["verdict"] for each in report["rows"][1]["scenarios"]}
    assert scenarios["duplicate:event_types=organization.*"] == "unknown"
    assert scenarios["multiple_signatures"] == "pass"


@pytest.mark.parametrize("kind", ["drop", "drop_after_ack"])
def test_what_loses_messages_for_good_turns_the_run_red(service: Path, kind: str) -> None:
    code, report = _validate(service, "Profile Updates", f"{kind}:event_types=user.updated,times=1")

    assert (code, _verdicts(report)) == (1, {"Profile Updates": "fail", ROW: "pass"}), report


@pytest.mark.parametrize(("faults", "code"), [((), 0), (("multiple_signatures:wrong=9",), 1)])
def test_a_service_that_looks_at_the_first_signature_only_is_caught_by_nothing_else(
    service: Path, faults: tuple[str, ...], code: int
) -> None:
    source = (service / "app.py").read_text("utf-8")
    assert source.count("dict(request.headers)") == 1
    first = '{**request.headers, "svix-signature": request.headers["svix-signature"].split()[0]}'
    (service / "app.py").write_text(source.replace("dict(request.headers)", first), "utf-8")

    assert _validate(service, "User Registration", *faults)[0] == code


def test_a_fault_that_cannot_be_is_a_matter_of_usage(service: Path) -> None:
    command = [sys.executable, "-m", "clerk_harness", "validate", "--target", "target.toml"]
    done = subprocess.run(
        [*command, "--delivery-fault", "duplicate:copies=0"],
        cwd=service,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "copies must be from 1 to 50" in done.stderr
