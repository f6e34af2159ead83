"""A service that is not ours: the healthy one passes, each seeded bug is caught by its row.

The bugs are those of public Clerk integrations; numbers refer to the catalogue of real failures.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[4] / "examples" / "plain_service"

VERSION_GUARD = "WHERE users.active AND excluded.version > users.version"
LOAD = ("--rate", "40", "--duration", "2")

BUGS = {
    "updates are ignored (#15)": (
        'UPSERTED = ("user.created", "user.updated")',
        'UPSERTED = ("user.created",)',
        "Profile Updates",
    ),
    "a stale update overwrites a newer one (#10)": (
        VERSION_GUARD,
        "WHERE users.active",
        "Profile Updates",
    ),
    "an update after the deletion resurrects (#11)": (
        VERSION_GUARD,
        "WHERE excluded.version > users.version AND (users.active OR users.active IS NOT NULL)",
        "User Deletion",
    ),
    "deletions are ignored (#29)": (
        'elif kind == "user.deleted":',
        'elif kind == "user.removed":',
        "User Deletion",
    ),
    "acknowledged and lost (#14)": (
        "    if kind in UPSERTED:\n        connection",
        "    if kind in UPSERTED and changes['version'] % 5:\n        connection",
        "Webhook Processing",
    ),
    "no verification of webhooks (#22)": (
        '        Webhook(os.environ["CLERK_WEBHOOK_SECRET"]).verify(body, dict(request.headers))\n',
        "",
        "Security",
    ),
    "a null name is a crash (#27)": (
        '"last_name": data["last_name"],',
        '"last_name": data["last_name"].strip(),',
        "User Registration",
    ),
    "tokens are decoded and not verified": (
        'jwt.decode(token, key, algorithms=["RS256"], issuer=issuer)',
        'jwt.decode(token, options={"verify_signature": False})',
        "User Authentication",
    ),
    "a deleted user's e-mail stays taken (#4)": (
        "clerk_id TEXT PRIMARY KEY, email TEXT,",
        "clerk_id TEXT PRIMARY KEY, email TEXT UNIQUE,",
        "User Registration",
    ),
    "rubbish is a crash": (
        "FORGED = (WebhookVerificationError, ValueError)",
        "FORGED = (WebhookVerificationError,)",
        "Security",
    ),
}


def validate(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "clerk_harness", "validate", "--target", "target.toml", *arguments],
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


@pytest.fixture
def service(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "service"))


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {row["row"]: row["verdict"] for row in report["rows"]}


def test_the_healthy_service_passes_every_row_that_it_can_be_held_to(service: Path) -> None:
    rows = ["User Registration", "User Authentication", "Profile Updates", "User Deletion"]
    rows += ["Webhook Processing", "Security"]
    code, report = validate(service, *LOAD, *(part for row in rows for part in ("--row", row)))
    assert (code, report["verdict"]) == (0, "pass"), report
    assert verdicts(report) == dict.fromkeys(rows, "pass")


def test_a_row_that_cannot_be_asked_is_unknown_and_not_a_pass(service: Path) -> None:
    code, report = validate(service, "--row", "Error Handling")
    assert (code, report["verdict"]) == (2, "unknown")
    assert "does not lean on postgres" in json.dumps(report)


def test_what_the_target_declares_not_to_have_is_left_out_and_listed(service: Path) -> None:
    code, report = validate(service, "--row", "Background Tasks")
    assert (code, verdicts(report)) == (0, {"Background Tasks": "pass"}), report
    assert len(report["rows"][0]["scenarios"]) == 1
    assert "declares no process of role worker" in report["environment"]["Not applicable"]
    assert report["environment"]["Rows"] == "1 of 8"


def test_a_breach_is_charged_to_the_row_that_brought_it_about_and_to_no_other(
    service: Path,
) -> None:
    healthy, buggy, row = BUGS["deletions are ignored (#29)"]
    source = (service / "app.py").read_text("utf-8")
    (service / "app.py").write_text(source.replace(healthy, buggy), "utf-8")
    code, report = validate(service, *LOAD, "--row", row, "--row", "Webhook Processing")
    assert (code, verdicts(report)) == (1, {row: "fail", "Webhook Processing": "pass"}), report


def test_a_refusal_within_the_limit_is_delivered_again_and_balances(service: Path) -> None:
    source = (service / "app.py").read_text("utf-8")
    source = source.replace("FORGED = (", "HICCUPS = iter([False] * 150 + [True])\nFORGED = (")
    source = source.replace(
        "    body = await request.body()\n",
        "    body = await request.body()\n    if next(HICCUPS, False):\n"
        "        return Response(status_code=503)\n",
    )
    (service / "app.py").write_text(source, "utf-8")
    load = ("--rate", "50", "--duration", "4")
    code, report = validate(service, *load, "--row", "Webhook Processing")
    assert (code, report["verdict"]) == (0, "pass"), report
    assert "199 acknowledged, 1 refused" in json.dumps(report)


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_fails_its_row(service: Path, bug: str) -> None:
    healthy, buggy, row = BUGS[bug]
    source = (service / "app.py").read_text("utf-8")
    assert source.count(healthy) == 1, "the example has changed: change the bug with it"
    broken = source.replace(healthy, buggy)
    if "stays taken" in bug:
        broken = broken.replace("SET active = 0, email = NULL", "SET active = 0")
    if "resurrects" in bug:
        broken = broken.replace(
            "SET email = excluded.email", "SET active = 1, email = excluded.email"
        )
    (service / "app.py").write_text(broken, "utf-8")
    code, report = validate(service, *LOAD, "--row", row)
    assert (code, verdicts(report)) == (1, {row: "fail"}), report
