"""Bad input: one clear line that names cause and remedy, exit code 3, nothing left running."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Search = Callable[[], list[str]]

UNREACHABLE = ("--postgres-url", "postgresql://127.0.0.1:1/x", "--redis-url", "redis://127.0.0.1:1")

STILLBORN = """
name = "stillborn"
api_url = "http://127.0.0.1:{port}"
webhook_url = "{api_url}/hooks"
leans_on = []

[[processes]]
name = "app"
command = ["{python}", "-c", "raise SystemExit('no luck')"]
ready_url = "{api_url}/"

[probe]
kind = "http"
user = "{api_url}/{clerk_id}"
fields = { id = "id" }
"""


@pytest.mark.parametrize(
    ("arguments", "cause", "remedy"),
    [
        (["--nope"], "No such option", "--help"),
        (["nope"], "No such command", "--help"),
        (["validate", "--nope"], "No such option", "validate --help"),
        (["validate", "--rate", "fast"], "is not a valid float", "--help"),
        (["validate", "--rate", "0"], "not in the range", "--help"),
        (["validate", "--row", "Nope"], "there is no row 'Nope'", "User Registration"),
        (["validate", "--out", "/proc/nowhere"], "no report can be written", "--out"),
        (["validate", "--target", "nowhere.toml"], "cannot be read", "docs/targets.md"),
        (["up", "--seed-file", "nowhere.yaml"], "nowhere.yaml cannot be read", "docs/seed.md"),
        (["up", "--stack", "external"], "takes both a Postgres URL and a Redis URL", "give both"),
        (
            ["up", "--stack", "external", *UNREACHABLE],
            "127.0.0.1:1",
            "",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_three(
    clerk_harness: Run, left_behind: Search, arguments: list[str], cause: str, remedy: str
) -> None:
    result = clerk_harness(*arguments)
    line = result.stderr.strip().splitlines()[-1]
    assert result.returncode == 3, result.stderr
    assert line.startswith("clerk-harness: ")
    assert cause in line
    assert remedy in line
    assert "Traceback" not in result.stderr
    assert not left_behind()


def test_a_busy_port_is_named(clerk_harness: Run, left_behind: Search) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = clerk_harness("up", "--clerk-port", str(port))
    assert result.returncode == 3
    assert str(port) in result.stderr
    assert not left_behind()


def test_a_missing_binary_is_named_with_what_to_install(
    clerk_harness: Run, left_behind: Search
) -> None:
    result = clerk_harness("doctor", CLERK_HARNESS_REDIS_BIN="/nowhere/redis-server")
    assert result.returncode == 3
    assert "/nowhere/redis-server" in result.stderr
    assert not left_behind()


def test_a_service_that_does_not_come_up_is_named_with_its_last_words(
    clerk_harness: Run, left_behind: Search, tmp_path: Path
) -> None:
    (tmp_path / "target.toml").write_text(STILLBORN, "utf-8")
    result = clerk_harness("validate", "--target", "target.toml", cwd=tmp_path)
    assert result.returncode == 3
    assert "app" in result.stderr
    assert "no luck" in result.stderr
    assert not left_behind()
