"""What the command line's tests share: the command itself, and the search for what it left."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

COMMAND = (sys.executable, "-m", "clerk_harness")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def runtime() -> Iterator[Path]:
    # Not below pytest's folder, which is private: Postgres must pass through as another account.
    with tempfile.TemporaryDirectory(prefix="clerk-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "runtime"


@pytest.fixture
def clerk_harness(runtime: Path) -> Run:
    """Run ``clerk-harness`` with a runtime folder of the test's own."""

    def run(
        *arguments: str, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env={**os.environ, "CLERK_HARNESS_RUNTIME_DIR": str(runtime), **env},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd=cwd,
        )

    return run


@pytest.fixture
def left_behind(runtime: Path) -> Callable[[], list[str]]:
    """List the processes and folders that outlived their owner."""

    def search() -> list[str]:
        processes = [
            " ".join(process.info["cmdline"] or [])
            for process in psutil.process_iter(["cmdline", "environ"])
            if (process.info["environ"] or {}).get("CLERK_HARNESS_RUNTIME_DIR") == str(runtime)
        ]
        return processes + [str(folder) for folder in runtime.glob("runs/*")]

    return search
