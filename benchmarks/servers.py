"""The servers that are measured: each a process of its own, pinned to one core."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import LOOPBACK, request

__all__ = [
    "GRACE_S",
    "KEY",
    "LOAD_CORE",
    "SERVER_CORE",
    "Server",
    "bare_asgi",
    "can_pin",
    "cpu_s",
    "fake",
    "peer",
    "peer_program",
    "resident_bytes",
    "started",
]

SERVER_CORE = "0"
LOAD_CORE = 1
LONGEST_START_S = 30.0
POLL_S = 0.001
GRACE_S = 10

KEY = "sk_test_bench"
PEER = "emulate@0.8.0"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        name: For the table.
        port: On the loopback address.
        process: To be stopped by whoever started it.
        ready_s: From the start of the process to the first 200, in seconds.
    """

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    ready_s: float

    def cpu_s(self) -> float:
        """Return how much of its core the process has used so far, in seconds."""
        return cpu_s(self.process.pid)

    def resident_bytes(self) -> int:
        """Return how much memory the process has (RSS)."""
        return resident_bytes(self.process.pid)


def cpu_s(pid: int) -> float:
    """Return how much of its core a process has used so far, in seconds."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return how much memory a process has (RSS)."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def can_pin() -> bool:
    """Tell whether server and load can have a core each."""
    cores = os.sched_getaffinity(0) if sys.platform == "linux" else set()
    return {int(SERVER_CORE), LOAD_CORE} <= cores and shutil.which("taskset") is not None


def fake(port: int) -> list[str]:
    """Return the command of our fake."""
    options = ["--port", str(port), "--secret-key", KEY, "--owner-pid", str(os.getpid())]
    return [sys.executable, "-m", "clerk_fake", *options]


def bare_asgi(port: int) -> list[str]:
    """Return the command of an ASGI application that always answers the same."""
    return [sys.executable, str(HERE / "bare_asgi.py"), str(port)]


def peer(port: int) -> list[str]:
    """Return the command of the peer, which must be installed."""
    program = peer_program() / "node_modules" / "emulate" / "dist" / "index.js"
    preload = ["--require", str(HERE / "loopback.cjs")]
    return ["node", *preload, str(program), "start", "-s", "clerk", "-p", str(port)]


def peer_program() -> Path:
    """Return the folder where the peer is installed, which is done on first use.

    Raises:
        RuntimeError: npm or Node is missing, or npm cannot get it.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise RuntimeError(f"there is no {tool} on this machine")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "clerk-harness" / PEER
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PEER]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"npm cannot install {PEER}: {done.stderr.strip()[-200:]}")
    return folder


@contextmanager
def started(name: str, command_for: Callable[[int], list[str]]) -> Iterator[Server]:
    """Start a server on a free port, wait until it answers 200, and stop it in the end."""
    os.sched_setaffinity(0, {LOAD_CORE})
    port = _free_port()
    command = ["taskset", "--cpu-list", SERVER_CORE, *command_for(port)]
    # Byte code is kept, as it is wherever the fake is installed.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        _wait_for_200(process, port)
        yield Server(name, port, process, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(timeout=GRACE_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_for_200(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.perf_counter() + LONGEST_START_S
    while time.perf_counter() < deadline:
        try:
            with socket.create_connection((LOOPBACK, port), timeout=LONGEST_START_S) as probe:
                probe.sendall(request("GET", "/v1/users/count", KEY))
                if probe.recv(1024).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            if process.poll() is not None:
                break
        time.sleep(POLL_S)
    raise RuntimeError(f"no server came up on port {port}")
