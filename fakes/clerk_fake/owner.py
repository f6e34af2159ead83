"""Stop when the process that started us is gone, so that no server outlives its owner."""

import asyncio
import os
from collections.abc import Callable
from typing import Final

__all__ = ["watch_owner"]

POLL_S: Final = 0.5


async def watch_owner(pid: int, gone: Callable[[], None]) -> None:
    """Wait until process ``pid`` has ended, then call ``gone``; at once when there is none."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        gone()
        return
    except (AttributeError, OSError):  # no pidfd on this system
        await _poll(pid)
        gone()
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    gone()


async def _poll(pid: int) -> None:
    import psutil  # type: ignore[import-untyped]  # noqa: PLC0415 - only without pidfds

    try:
        owner = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    # Without pidfds the end of a stranger's process cannot be waited for, only looked at.
    while owner.is_running() and owner.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
        await asyncio.sleep(POLL_S)
