"""One process of a run, with everything it starts: spawn, watch, end, kill, freeze."""

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from clerk_harness.stack import kin
from clerk_harness.stack.errors import StackError
from clerk_harness.waiting import WaitTimeoutError, eventually

__all__ = ["PART_VARIABLE", "Account", "Command", "Process"]

PART_VARIABLE = "CLERK_HARNESS_PART"
"""A process and all that it starts carry ``<run>.<number>`` in this environment variable."""

_KILL_S = 5.0
_TAIL_BYTES = 64 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """An operating system account that a child runs as; only root can ask for another."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Command:
    """What to start.

    Args:
        name: Short name for errors and the log file.
        argv: Program and arguments; no shell.
        env: Variables on top of the owner's environment, or all of them, see ``inherit_env``.
        cwd: Working folder; the owner's when not given.
        user: Account to drop to.
        inherit_env: Whether the child also gets the owner's environment.
        stop_signal: The polite request to end.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    user: Account | None = None
    inherit_env: bool = True
    stop_signal: signal.Signals = signal.SIGTERM


class Process:
    """A started command. Made by ``Workspace.spawn``; all methods reach the whole tree.

    Attributes:
        command: What was started.
        log_path: File with its standard output and standard error, both in one.
    """

    def __init__(
        self, command: Command, *, part: str, log_path: Path, base_env: Mapping[str, str]
    ) -> None:
        self.command = command
        self.log_path = log_path
        self._mark = f"{PART_VARIABLE}={part}"
        env = {**(os.environ if command.inherit_env else {}), "PYTHONUNBUFFERED": "1"}
        env |= {**command.env, **base_env, PART_VARIABLE: part}
        with log_path.open("wb") as log:
            try:
                self._popen = _popen(command, env, log.fileno())
            except (OSError, subprocess.SubprocessError) as error:
                raise _cannot_start(command, error) from error
        self._born = kin.birth(self._popen.pid)

    @property
    def name(self) -> str:
        """The command's name."""
        return self.command.name

    @property
    def pid(self) -> int:
        """Process id of the root of the tree."""
        return self._popen.pid

    @property
    def create_time(self) -> float | None:
        """Birth of the process as ``kin.birth`` tells it; ``None`` if it ended at once."""
        return self._born

    @property
    def returncode(self) -> int | None:
        """Exit status, minus the signal's number after a signal; ``None`` while it lives."""
        return self._popen.poll()

    def running(self) -> bool:
        """Tell whether the root of the tree lives (a frozen process lives)."""
        return self.returncode is None

    def wait(self, within: float) -> int:
        """Wait for the end and return the exit status.

        Raises:
            StackError: It still runs after ``within`` seconds.
        """
        try:
            return self._popen.wait(within)
        except subprocess.TimeoutExpired as error:
            raise StackError(
                f"{self.name} did not end within {within:g} s{self._last_words()}",
                subject=self.name,
            ) from error

    def terminate(self, grace_s: float = 5.0) -> None:
        """Ask the process to end, and after ``grace_s`` seconds kill what is left of the tree."""
        if self.running():
            family = kin.kin(self._roots(), mark=self._mark)
            self.thaw()
            self._popen.send_signal(self.command.stop_signal)
            try:
                self._popen.wait(grace_s)
            except subprocess.TimeoutExpired:
                pass
            else:
                kin.end(family.items(), mark=self._mark, within=_KILL_S)
                return
        self.kill()

    def kill(self) -> None:
        """SIGKILL the whole tree at once, frozen or not, sessions of their own included."""
        kin.end(self._roots(), mark=self._mark, within=_KILL_S)
        self._popen.wait(_KILL_S)

    def freeze(self) -> None:
        """Stop the whole tree (SIGSTOP): connections stay open, nothing answers."""
        kin.freeze(self._roots(), mark=self._mark)

    def thaw(self) -> None:
        """Let a frozen tree go on."""
        kin.thaw(self._roots(), mark=self._mark)

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of its output."""
        with self.log_path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(0, end - _TAIL_BYTES))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def wait_until(self, check: Callable[[], T], *, within: float, what: str) -> T:
        """Poll ``check`` until it is truthy, and give up at once when the process has died.

        Raises:
            StackError: It died, or ``what`` was not true within ``within`` seconds.
        """
        finished = object()

        def look() -> object:
            alive = self.running()
            value = check()
            return value or (None if alive else finished)

        try:
            value = eventually(look, within=within, every=0.01, describe=what)
        except WaitTimeoutError as error:
            raise StackError(
                f"{self.name} was not {what} within {within:g} s{self._last_words()}",
                subject=self.name,
            ) from error
        if value is finished:
            raise StackError(
                f"{self.name} ended with status {self.returncode} before it was "
                f"{what}{self._last_words()}",
                subject=self.name,
            )
        return value  # type: ignore[return-value] # not `finished`, so it is check's

    def wait_for_line(self, *, within: float, starts_with: str = "") -> str:
        """Return the first whole line of output that starts so, such as a ready line.

        Raises:
            StackError: The process died or the line did not come within ``within`` seconds.
        """

        def line() -> str | None:
            text = self.log_path.read_bytes().decode(errors="replace")
            whole = text[: text.rfind("\n") + 1].splitlines()
            return next((one for one in whole if one and one.startswith(starts_with)), None)

        found = self.wait_until(line, within=within, what="ready")
        return found or ""

    def disown(self) -> None:
        """Leave the process to the guardian: it lives on, and nobody here will wait for it."""
        if self.running():
            self._popen.returncode = 0  # else Popen warns that its child still runs

    def _roots(self) -> list[tuple[int, float]]:
        return [] if self._born is None else [(self.pid, self._born)]

    def _last_words(self) -> str:
        words = " | ".join(line.strip() for line in self.log_tail(5).splitlines() if line.strip())
        return f"; its last words: {words}" if words else ""


def _popen(command: Command, env: Mapping[str, str], log: int) -> "subprocess.Popen[bytes]":
    account = command.user
    return subprocess.Popen(
        list(command.argv),
        env=env,
        cwd=command.cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _cannot_start(command: Command, error: Exception) -> StackError:
    what = f"{command.name} cannot be started ({shlex.join(command.argv)[:200]}): {error}"
    if command.user is not None:
        remedy = f"check that this machine lets root become {command.user.name!r}"
        return StackError(what, remedy, subject=command.name)
    return StackError(what, "check the program's path and its rights", subject=command.name)
