"""SIGKILL and Ctrl-C in the middle: nothing is left, and the next run works."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from clerk_harness.waiting import eventually

Run = Callable[..., subprocess.CompletedProcess[str]]
Search = Callable[[], list[str]]


def start(runtime: Path, cwd: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "clerk_harness", *arguments],
        env={**os.environ, "CLERK_HARNESS_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=cwd,
    )


def all_logs(runtime: Path) -> set[str]:
    return {log.stem.split("-")[-1] for log in runtime.glob("runs/*/logs/*.log")}


def test_after_sigkill_nothing_is_left_and_the_next_run_passes(
    runtime: Path, tmp_path: Path, left_behind: Search, clerk_harness: Run
) -> None:
    row = ("--row", "User Registration")
    killed = start(runtime, tmp_path, "validate", *row)
    try:
        eventually(
            lambda: {"clerk", "redis", "api", "worker", "sweeper"} <= all_logs(runtime),
            within=60,
            describe="start of everything",
        )
        assert len(left_behind()) > 5
    finally:
        killed.kill()
        killed.communicate()
    eventually(lambda: not left_behind(), within=10, describe="clean-up by the guardian")
    again = clerk_harness("validate", *row, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert not left_behind()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_up_prints_an_env_block_and_leaves_nothing_behind(
    clerk_harness: Run, runtime: Path, tmp_path: Path, left_behind: Search, ending: signal.Signals
) -> None:
    (tmp_path / "seed.yaml").write_text("users: [{username: ada_l}]", "utf-8")
    up = start(runtime, tmp_path, "up", "--env-file", "mine.env", "--seed-file", "seed.yaml")
    try:
        env_file = tmp_path / "mine.env"
        eventually(env_file.exists, within=60, describe="the env file")
        assert "CLERK_SECRET_KEY=sk_test_" in env_file.read_text("utf-8")
        assert "DATABASE_URL=postgresql://" in env_file.read_text("utf-8")
        env = dict(line.split("=", 1) for line in env_file.read_text("utf-8").splitlines())
        users = httpx.get(
            f"{env['CLERK_API_URL'].removesuffix('/v1')}/v1/users",
            headers={"authorization": f"Bearer {env['CLERK_SECRET_KEY']}"},
        )
        assert [user["username"] for user in users.json()] == ["ada_l"]
        found = {name: env[name] for name in ("CLERK_HARNESS_FAKE_URL", "CLERK_SECRET_KEY")}
        listed = clerk_harness("events", "list", "--type", "user.created", "--json", **found)
        assert [json.loads(listed.stdout)["event_type"]] == ["user.created"]
    finally:
        up.send_signal(ending)
        out, _ = up.communicate(timeout=60)
    assert out == env_file.read_text("utf-8")
    assert not left_behind()
