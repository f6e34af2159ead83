"""The guardian of a run: a small process that outlives the owner by as long as cleaning up takes.

``python -I -S guardian.py <run folder> <owner pid> <owner birth>`` waits for the owner to be gone,
SIGKILL included, then reaps the run. It has a session of its own and holds neither terminal nor
pipes, so Ctrl-C and ``clerk-harness … | cat`` do not concern it. About 10 MB and 20 ms.
"""

import os
import signal
import sys
import time

__all__ = ["UNHEARD", "command_line"]

UNHEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals to block when it is started: only the end of the owner, or SIGKILL, moves it."""

_LOOK_EVERY_S = 0.2
_TRIES = 25  # what cannot be removed by then is left to the next `Workspace.open`


def command_line(folder: str, pid: int, create_time: float) -> list[str]:
    """Say how to start the guardian of a run folder."""
    # Elsewhere than on Linux the table of processes is psutil's, which needs site-packages.
    bare = ["-I", "-S"] if sys.platform == "linux" else ["-I"]
    return [sys.executable, *bare, os.path.abspath(__file__), folder, str(pid), repr(create_time)]  # noqa: PTH100 - pathlib costs start-up time


def _watch(folder: str, pid: int, create_time: float) -> None:
    from clerk_harness.stack import kin, reaper  # noqa: PLC0415 - only after `_bare_package`

    try:
        owner = os.pidfd_open(pid)
    except (AttributeError, OSError):
        while kin.birth(pid) == create_time:
            time.sleep(_LOOK_EVERY_S)
    else:
        if kin.birth(pid) == create_time:
            import select  # noqa: PLC0415 - not needed where there is no pidfd

            exit_of = select.poll()
            exit_of.register(owner, select.POLLIN)
            exit_of.poll()
    for _ in range(_TRIES):
        if reaper.reap(folder):
            break
        time.sleep(_LOOK_EVERY_S)


def _bare_package() -> None:
    """Make this package's stand-alone files importable without running its ``__init__`` files."""
    stack = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - as above
    for name, place in (("clerk_harness", os.path.dirname(stack)), ("clerk_harness.stack", stack)):  # noqa: PTH120 - as above
        package = type(sys)(name)
        package.__path__ = [place]
        sys.modules[name] = package


if __name__ == "__main__":
    os.chdir("/")
    _bare_package()
    _watch(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
