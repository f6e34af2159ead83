"""A Node process with Clerk's official client in it."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final, Self

__all__ = ["NodeProcess", "NodeUnavailableError", "install"]

PACKAGE: Final = "@clerk/backend"
VERSION: Final = "3.25.0"
INTEGRITY: Final = (
    "sha512-hmJS0a61FO08PDaV2MtZ/hj6pE+cQBRmpxR8oUFGQTXewOQLLOAbc"
    "gob0rmFAnMNuHgXfsYf3NVxcQCUOWE+QA=="
)
DRIVER: Final = Path(__file__).parent / "node" / "driver.mjs"
OLDEST_NODE: Final = 20
INSTALL_TIMEOUT_S: Final = 300


class NodeUnavailableError(Exception):
    """There is no Node, or none that is new enough; the message says which."""


def install() -> Path:
    """Return a folder with the client in its ``node_modules``, installed once per user.

    Raises:
        NodeUnavailableError: There is no Node or npm.
        RuntimeError: The client could not be installed, or is not the one that is pinned.
    """
    _, npm = _programs()
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    root = root / "clerk-harness" / "node"
    root.mkdir(parents=True, exist_ok=True)
    final = root / f"backend-{VERSION}"
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            with tempfile.TemporaryDirectory(dir=root) as scratch:
                _install_into(Path(scratch), npm)
                shutil.copytree(scratch, f"{final}.new", symlinks=True, dirs_exist_ok=True)
            Path(f"{final}.new").rename(final)
    return final


def _programs() -> tuple[str, str]:
    """Return where Node and npm are."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NodeUnavailableError(f"no Node with npm: install Node {OLDEST_NODE} or newer")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise NodeUnavailableError(
            f"Node {version.stdout.strip()} is too old: install {OLDEST_NODE} or newer"
        )
    return node, npm


def _install_into(folder: Path, npm: str) -> None:
    (folder / "package.json").write_text('{"private": true}')
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        [*command, f"{PACKAGE}@{VERSION}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm cannot install {PACKAGE}@{VERSION}: {done.stderr[-500:]}")
    installed = json.loads((folder / "node_modules" / ".package-lock.json").read_text())
    found = installed["packages"][f"node_modules/{PACKAGE}"]["integrity"]
    if found != INTEGRITY:
        raise RuntimeError(f"{PACKAGE}@{VERSION} is not the one that is pinned: {found}")


class NodeProcess:
    """The process; it does one job at a time.

    Args:
        folder: Where the client is installed.
    """

    def __init__(self, folder: Path) -> None:
        node, _ = _programs()
        self._process = subprocess.Popen(
            [node, str(DRIVER), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_COLOR": "1", "CLERK_TELEMETRY_DISABLED": "1"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def do(self, job: str, **how: Any) -> Any:
        """Do a job; return ``result`` or ``error``, and what was ``overheard``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"job": job, **how}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"Node ended during {job}; see its standard error")
        return json.loads(answer)
