"""Several API processes on one socket: started, replaced when they die, ended together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger
from types import FrameType
from typing import Final

from clerk_sync.config import Settings

__all__ = ["run_processes"]

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
HEALTHY_S: Final = 10.0
"""Whoever lived so long may be replaced at once when it dies."""
LOOK_EVERY_S: Final = 0.05
MARGIN_S: Final = 3.0
EXIT_USAGE: Final = 3

_log = getLogger(__name__)


@dataclass
class _Seat:
    """The place of one process; another takes it when it dies."""

    process: "subprocess.Popen[bytes]"
    started_at: float
    pause_s: float = FIRST_PAUSE_S
    again_at: float | None = None


def run_processes(settings: Settings, listener: socket.socket, *, processes: int) -> int:
    """Run API processes until SIGTERM or SIGINT, then let all of them drain.

    Each holds the reading end of a pipe whose other end only this process has: when this one is
    killed, they see the end of it and drain by themselves.

    Args:
        settings: The configuration; the processes read it anew from the same environment.
        listener: Shared by all.
        processes: How many.

    Returns:
        The exit code: 0 after a signal, 3 when a process finds the configuration unusable.
    """
    alive, ours = os.pipe()
    supervisor = _Supervisor(settings, listener, alive)
    try:
        with listener:
            return supervisor.run(processes)
    finally:
        os.close(ours)
        os.close(alive)


class _Supervisor:
    def __init__(self, settings: Settings, listener: socket.socket, alive: int) -> None:
        self._listener = listener
        self._alive = alive
        self._within_s = settings.drain_notice_s + settings.drain_s + MARGIN_S
        self._signals: list[int] = []
        self._seats: list[_Seat] = []

    def run(self, processes: int) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)
        self._seats = [_Seat(self._start(), time.monotonic()) for _ in range(processes)]
        code = 0
        while not self._signals:
            unusable = [seat for seat in self._seats if seat.process.poll() == EXIT_USAGE]
            if unusable:
                code = EXIT_USAGE
                break
            for seat in self._seats:
                self._look_after(seat)
            time.sleep(LOOK_EVERY_S)
        self._end()
        return code

    def _note(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)
        if len(self._signals) > 1:
            self._pass_on()

    def _start(self) -> "subprocess.Popen[bytes]":
        descriptors = (self._listener.fileno(), self._alive)
        # A group of its own: Ctrl-C comes to us, and we pass it on once.
        return subprocess.Popen(
            [*_command(), "--listener", str(descriptors[0]), "--parent", str(descriptors[1])],
            pass_fds=descriptors,
            process_group=0,
        )

    def _look_after(self, seat: _Seat) -> None:
        now = time.monotonic()
        if seat.again_at is not None:
            if now >= seat.again_at:
                seat.process, seat.started_at, seat.again_at = self._start(), now, None
            return
        code = seat.process.poll()
        if code is None:
            return
        if now - seat.started_at > HEALTHY_S:
            seat.pause_s = FIRST_PAUSE_S
        _log.error(
            "an API process died and is replaced",
            extra={"died": seat.process.pid, "exit_code": code, "pause_s": seat.pause_s},
        )
        seat.again_at = now + seat.pause_s
        seat.pause_s = min(2 * seat.pause_s, LONGEST_PAUSE_S)

    def _end(self) -> None:
        # Ours goes first: whatever still waits to be accepted must not wait for us.
        self._listener.close()
        self._pass_on()
        deadline = time.monotonic() + self._within_s
        for seat in self._seats:
            try:
                seat.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.error("an API process did not drain and is killed")
                seat.process.kill()
                seat.process.wait()

    def _pass_on(self) -> None:
        for seat in self._seats:
            if seat.process.poll() is None:
                seat.process.send_signal(signal.SIGTERM)


def _command() -> Sequence[str]:
    return [sys.executable, "-m", "clerk_sync", "api"]
