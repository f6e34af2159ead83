"""What a run leaves on the machine, and how all of it is removed.

A run folder holds ``owner.json`` (whose death ends the run), ``children.jsonl`` (every process, at
once when it is started) and, with containers, ``engine.json``. Standard library only: the guardian
loads this file in a bare interpreter.
"""

import contextlib
import json
import os
import sys
import time
from typing import Any, NamedTuple

from clerk_harness.stack import kin

__all__ = ["LABEL", "RUN_VARIABLE", "Owner", "reap", "reap_dead"]

RUN_VARIABLE = "CLERK_HARNESS_RUN"
"""Every process of a run carries the run's id in this variable of its environment."""

LABEL = "clerk-harness.run"
"""Every container of a run carries the run's id in this label."""

_HALF_MADE_S = 60.0
_ENGINE_S = 10.0


class Owner(NamedTuple):
    """The process that a run lives and dies with."""

    pid: int
    create_time: float
    space: str
    purpose: str

    @classmethod
    def of(cls, pid: int, purpose: str) -> "Owner | None":
        """Describe a living process; ``None`` when there is none with this pid."""
        born = kin.birth(pid)
        return None if born is None else cls(pid, born, _space(), purpose)

    @classmethod
    def read(cls, folder: str) -> "Owner | None":
        """Read ``owner.json``; ``None`` when it is missing or half written."""
        try:
            with open(os.path.join(folder, "owner.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - pathlib costs start-up time
                return cls(**json.load(file))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: str) -> None:
        """Write ``owner.json``."""
        with open(os.path.join(folder, "owner.json"), "w", encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
            json.dump(self._asdict(), file)

    @property
    def gone(self) -> bool:
        """Whether the owner certainly lives no more.

        Pids of another container on the same folder cannot be judged, so they count as alive.
        """
        boot, _, pids = self.space.partition("/")
        here_boot, _, here_pids = _space().partition("/")
        if boot != here_boot:
            return True
        return pids == here_pids and kin.birth(self.pid) != self.create_time


def reap_dead(runs: str) -> list[str]:
    """Remove all runs below ``runs`` whose owner is gone, and nothing else.

    Returns:
        The ids of the runs that were removed.
    """
    reaped = []
    for entry in list(os.scandir(runs)):
        if not entry.is_dir(follow_symlinks=False):
            continue
        owner = Owner.read(entry.path)
        with contextlib.suppress(OSError):
            # A folder gets its name only after its owner.json: without one it is half made.
            half_made = owner is None and time.time() - entry.stat().st_mtime > _HALF_MADE_S
            if half_made or (owner is not None and owner.gone):
                reap(entry.path)
                reaped.append(entry.name)
    return reaped


def reap(folder: str) -> bool:
    """End every process and container of a run and remove its folder.

    Safe to call twice, and from two processes at the same time.

    Returns:
        Whether everything is gone.
    """
    import shutil  # noqa: PLC0415 - keeps the waiting guardian small

    run = os.path.basename(folder)  # noqa: PTH119 - as above
    children = _children(folder)
    ended = kin.end(
        [(child["pid"], child["create_time"]) for child in children],
        mark=f"{RUN_VARIABLE}={run}",
        folder=os.path.realpath(folder),
        programs=[child["program"] for child in children],
    )
    _remove_containers(folder, run)
    _remove_shared_memory(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return ended and not os.path.exists(folder)  # noqa: PTH110 - as above


def _space() -> str:
    """Name this boot and this namespace of pids."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123 - as above
            return f"{file.read().strip()}/{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - as above
    except OSError:
        return sys.platform


def _children(folder: str) -> list[dict[str, Any]]:
    children = []
    try:
        with open(os.path.join(folder, "children.jsonl"), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
            for line in file:
                # The owner may have been killed in the middle of the last line.
                with contextlib.suppress(ValueError):
                    children.append(json.loads(line))
    except OSError:
        pass
    return children


def _remove_containers(folder: str, run: str) -> None:
    """Ask the Docker engine over its socket, without Docker's own library."""
    try:
        with open(os.path.join(folder, "engine.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
            address = json.load(file)["address"]
    except OSError:
        return
    import http.client  # noqa: PLC0415 - as above
    import socket  # noqa: PLC0415 - as above
    import urllib.parse  # noqa: PLC0415 - as above

    def ask(method: str, path: str) -> bytes:
        where = urllib.parse.urlsplit(address)
        line = http.client.HTTPConnection(where.hostname or "docker", where.port, timeout=_ENGINE_S)
        if not where.hostname:
            line.sock = socket.socket(socket.AF_UNIX)
            line.sock.settimeout(_ENGINE_S)
            line.sock.connect(where.path)
        try:
            line.request(method, path)
            answer = line.getresponse()
            return answer.read() if answer.status < 300 else b"[]"  # noqa: PLR2004 - HTTP
        finally:
            line.close()

    wanted = urllib.parse.quote(json.dumps({"label": [f"{LABEL}={run}"]}))
    try:
        for container in json.loads(ask("GET", f"/containers/json?all=1&filters={wanted}")):
            ask("DELETE", f"/containers/{container['Id']}?force=1&v=1")
    except (OSError, ValueError, http.client.HTTPException):
        return  # an engine that is gone runs no containers


def _remove_shared_memory(folder: str) -> None:
    """Remove the System V segment that a killed Postgres leaves behind (Linux only).

    Its key and id are line 7 of ``postmaster.pid``; a segment somebody is attached to is not ours.
    """
    try:
        with open(os.path.join(folder, "postgres", "data", "postmaster.pid"), "rb") as file:  # noqa: PTH118, PTH123 - as above
            key, segment = file.read().split(b"\n")[6].split()
        with open("/proc/sysvipc/shm", "rb") as file:  # noqa: PTH123 - as above
            rows = [line.split() for line in file.readlines()[1:]]
    except (OSError, ValueError, IndexError):
        return
    # Columns: key shmid perms size cpid lpid nattch …; see proc_sysvipc(5).
    if any(int(row[0]) == int(key) and row[1] == segment and row[6] == b"0" for row in rows):
        import ctypes  # noqa: PLC0415 - as above

        remove = 0  # IPC_RMID
        ctypes.CDLL(None).shmctl(int(segment), remove, None)
