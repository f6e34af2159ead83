"""The directory of metrics that a process takes for itself."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ALONE = """
import sys
from clerk_sync.metrics import share_metrics
with share_metrics(alone=True):
    print("ready", flush=True)
    sys.stdin.read()
"""


def _start(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", ALONE],
        env=os.environ | {"TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _end(process: subprocess.Popen[str]) -> None:
    process.communicate("")
    assert process.returncode == 0


def test_what_a_killed_process_left_goes_with_the_next_and_what_is_in_use_stays(
    tmp_path: Path,
) -> None:
    (tmp_path / "clerk_sync-metrics-just-being-made").mkdir()
    living = _start(tmp_path)
    (kept,) = [path for path in tmp_path.iterdir() if any(path.iterdir())]
    killed = _start(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(list(tmp_path.iterdir())) == 3
    following = _start(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    _end(following)
    assert {path.name for path in tmp_path.iterdir()} == {
        kept.name,
        "clerk_sync-metrics-just-being-made",
    }
    _end(living)
    assert not kept.exists()
