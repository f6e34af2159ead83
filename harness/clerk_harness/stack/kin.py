"""Which processes belong together, and how they are ended without one slipping away.

Standard library only and little of it: the guardian loads this file in a bare interpreter
(``python -I -S``), where neither this package nor psutil exists.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator

__all__ = ["GUARDIAN_MARK", "birth", "end", "freeze", "kin", "send", "thaw"]

GUARDIAN_MARK = "CLERK_HARNESS_GUARDIAN=1"
"""In the environment of every guardian: it ends by itself and is never anybody's kin."""

_LINUX = sys.platform == "linux"
_ZOMBIE = "ZX"


def birth(pid: int) -> float | None:
    """Tell when a living process started; with the pid this names one process for good.

    Returns:
        Clock ticks since boot on Linux (a step of the wall clock does not move it), unix seconds
        elsewhere; ``None`` when there is no such process or it is only a zombie.
    """
    if not _LINUX:
        return _table().get(pid, (0, None))[1]
    entry = _stat(pid)
    return entry[1] if entry else None


def kin(
    roots: Iterable[tuple[int, float]],
    *,
    mark: str,
    folder: str = "",
    programs: Iterable[str] = (),
) -> dict[int, float]:
    """Find the living processes that belong to a run or to one process of it.

    Args:
        roots: Recorded (pid, birth) pairs; a pid that now has another birth is a stranger.
        mark: ``NAME=value`` that kin carry in their environment.
        folder: Also kin: a process that works in here and runs one of ``programs``. Finds orphaned
            Postgres backends, which wipe their environment and start sessions of their own.
        programs: Resolved paths of executables, for ``folder``.

    Returns:
        Births by pid: the roots, everything marked, and all descendants of these; never this
        process, its ancestors or a guardian.
    """
    table = _table()
    known = set(programs)
    found = {pid for pid, born in roots if pid in table and table[pid][1] == born}
    for pid in table:
        if pid not in found and (
            mark in _environ(pid) or (folder and _works_in(pid, folder, known))
        ):
            found.add(pid)
    spared = set(_ancestors(os.getpid(), table))
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in table.items():
        children.setdefault(parent, []).append(pid)
    family: dict[int, float] = {}
    waiting = list(found)
    while waiting:
        pid = waiting.pop()
        if pid in family or pid in spared or GUARDIAN_MARK in _environ(pid):
            continue
        family[pid] = table[pid][1]
        waiting += children.get(pid, [])
    return family


def send(pid: int, born: float, signum: int) -> bool:
    """Signal exactly the process that was born then; tell whether it was still there."""
    try:
        # A pidfd keeps pointing at one process: no reuse of the pid between look and signal.
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    except (AttributeError, OSError):
        handle = None
    try:
        if birth(pid) != born:
            return False
        if handle is None:
            os.kill(pid, signum)
        else:
            signal.pidfd_send_signal(handle, signum)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def freeze(
    roots: Iterable[tuple[int, float]],
    *,
    mark: str,
    folder: str = "",
    programs: Iterable[str] = (),
) -> dict[int, float]:
    """Stop (SIGSTOP) all kin; repeats until a look finds nobody new, so no fork escapes."""
    stopped: dict[int, float] = {}
    roots, programs = list(roots), list(programs)
    while True:
        family = kin(roots, mark=mark, folder=folder, programs=programs)
        fresh = {pid: born for pid, born in family.items() if stopped.get(pid) != born}
        if not fresh:
            return family
        stopped.update(fresh)
        for pid, born in fresh.items():
            send(pid, born, signal.SIGSTOP)


def thaw(roots: Iterable[tuple[int, float]], *, mark: str) -> None:
    """Let all kin go on (SIGCONT)."""
    for pid, born in kin(roots, mark=mark).items():
        send(pid, born, signal.SIGCONT)


def end(
    roots: Iterable[tuple[int, float]],
    *,
    mark: str,
    folder: str = "",
    programs: Iterable[str] = (),
    within: float = 5.0,
) -> bool:
    """Kill (SIGKILL) all kin at once and wait until they are gone.

    Two empty looks in a row end it: a child that was between fork and exec at the first look
    carries its mark by the second.

    Returns:
        Whether all are gone within ``within`` seconds.
    """
    roots, programs = list(roots), list(programs)
    deadline = time.monotonic() + within
    empty_looks = 0
    while empty_looks < 2:  # noqa: PLR2004 - see the docstring
        family = freeze(roots, mark=mark, folder=folder, programs=programs)
        for pid, born in family.items():
            send(pid, born, signal.SIGKILL)
        empty_looks = 0 if family else empty_looks + 1
        if time.monotonic() > deadline:
            return not family
        time.sleep(0.01)  # `waiting.eventually` is out of reach in the guardian's interpreter
    return True


def _table() -> dict[int, tuple[int, float]]:
    """Map the pids of all living processes to (parent pid, birth)."""
    if not _LINUX:
        return _psutil_table()
    table: dict[int, tuple[int, float]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib costs start-up time
        if name.isdigit() and (entry := _stat(int(name))):
            table[int(name)] = entry
    return table


def _stat(pid: int) -> tuple[int, float] | None:
    """Read (parent pid, start tick) from ``/proc``; see proc_pid_stat(5)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - pathlib costs start-up time
            # The name, field 2, may itself hold spaces and brackets: count from the last bracket.
            fields = file.read().rpartition(b")")[2].decode().split()
    except OSError:
        return None
    if len(fields) < 20 or fields[0] in _ZOMBIE:  # noqa: PLR2004 - field 22, counted from field 3
        return None
    return int(fields[1]), float(fields[19])


def _psutil_table() -> dict[int, tuple[int, float]]:
    import psutil  # type: ignore[import-untyped]  # noqa: PLC0415 - not there, and not needed, in the guardian on Linux

    table: dict[int, tuple[int, float]] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                table[process.pid] = (process.ppid(), process.create_time())
    return table


def _environ(pid: int) -> frozenset[str]:
    """Read the environment a process was started with; empty when it is not ours to read."""
    if not _LINUX:
        import psutil  # noqa: PLC0415 - as above

        with contextlib.suppress(psutil.Error):
            return frozenset(f"{k}={v}" for k, v in psutil.Process(pid).environ().items())
        return frozenset()
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - as above
            return frozenset(file.read().decode(errors="replace").split("\0"))
    except OSError:
        return frozenset()


def _works_in(pid: int, folder: str, programs: set[str]) -> bool:
    try:
        place = os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115 - as above
        program = os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 - as above
    except OSError:
        return False
    return (place + "/").startswith(folder + "/") and program in programs


def _ancestors(pid: int, table: dict[int, tuple[int, float]]) -> Iterator[int]:
    while pid:
        yield pid
        pid = table.get(pid, (0, 0.0))[0]
