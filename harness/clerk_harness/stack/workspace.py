"""The run folder: everything a run starts or writes lives, and ends, with it."""

import contextlib
import itertools
import json
import os
import secrets
import signal
import stat
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack import guardian, kin, reaper
from clerk_harness.stack.errors import StackError
from clerk_harness.stack.process import Account, Command, Process

__all__ = ["ROOT_VARIABLE", "Workspace", "default_root"]

ROOT_VARIABLE = "CLERK_HARNESS_RUNTIME_DIR"
"""Environment variable: where run folders and the cache live."""

_TRAVERSABLE = 0o711  # the account that Postgres drops to must be able to pass through
_GRACE_S = 2.0


def default_root() -> Path:
    """Return ``$CLERK_HARNESS_RUNTIME_DIR`` or ``<temporary folder>/clerk-harness-<uid>``."""
    given = os.environ.get(ROOT_VARIABLE)
    return Path(given) if given else Path(tempfile.gettempdir()) / f"clerk-harness-{os.getuid()}"


class Workspace:
    """One run. Use ``with Workspace.open("tests") as workspace:``.

    Leaving the block, also by an exception, stops all processes in reverse order and removes the
    folder. When the owner dies without that, SIGKILL included, a guardian process does it; should
    that be killed too, the next ``Workspace.open`` does. A forked copy of the owner ends nothing.

    Attributes:
        id: Name of the run.
        folder: The run folder.
        root: The runtime folder it is in, shared by all runs of this account.
    """

    def __init__(self, run: str, *, root: Path, owner: reaper.Owner) -> None:
        self.id = run
        self.root = root
        self.folder = root / "runs" / run
        self._owner = owner
        self._opener = os.getpid()
        self._numbers = itertools.count(1)
        self._processes: list[Process] = []
        self._closing = contextlib.ExitStack()
        self._open = True
        self._guardian = _start_guardian(self.folder, owner)
        self._closing.callback(self._remove)

    @classmethod
    def open(cls, purpose: str, *, root: Path | None = None, owner_pid: int | None = None) -> Self:
        """Reap what dead owners left, then make a run folder and its guardian.

        Args:
            purpose: For people who look into the runtime folder.
            root: Runtime folder instead of ``default_root()``.
            owner_pid: The run lives as long as this process, such as the controller of xdist,
                instead of as long as the caller: leaving the ``with`` block then leaves it be.

        Raises:
            ConfigurationError: The runtime folder is not safe to use.
            StackError: There is no process ``owner_pid``.
        """
        root = _safe_root(root or default_root())
        runs = _folder(root / "runs")
        reaper.reap_dead(str(runs))
        pid = os.getpid() if owner_pid is None else owner_pid
        owner = reaper.Owner.of(pid, purpose)
        if owner is None:
            raise StackError(f"process {pid}, which should own the run, does not exist")
        run = secrets.token_hex(6)
        half_made = runs / f".new-{run}"
        half_made.mkdir()
        half_made.chmod(_TRAVERSABLE)
        owner.write(str(half_made))
        half_made.rename(runs / run)
        return cls(run, root=root, owner=owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._owner.pid == self._opener:
            self.close()
        elif os.getpid() == self._opener:
            self._disown()

    def spawn(self, command: Command) -> Process:
        """Start a process that cannot outlive the run.

        Raises:
            StackError: The program cannot be started, or the workspace is closed.
        """
        if not self._open:
            raise StackError(f"{command.name} cannot be started: the workspace is closed")
        number = next(self._numbers)
        process = Process(
            command,
            part=f"{self.id}.{number}",
            log_path=_folder(self.folder / "logs") / f"{number:03}-{command.name}.log",
            base_env={reaper.RUN_VARIABLE: self.id},
        )
        self._record(process)
        self._processes.append(process)
        self._closing.callback(_stop, process)
        return process

    def subfolder(self, name: str, owner: Account | None = None) -> Path:
        """Make (or find) a private folder in the run folder, owned by ``owner`` if given."""
        folder = self.folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        if owner is not None:
            os.chown(folder, owner.uid, owner.gid)
        return folder

    @property
    def cache(self) -> Path:
        """Folder for what later runs can use again."""
        return _folder(self.root / "cache")

    @property
    def guardian_pid(self) -> int:
        """Process id of the guardian."""
        return self._guardian.pid

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` when the workspace closes, in reverse order with the processes."""
        self._closing.callback(callback)

    def close(self) -> None:
        """Stop everything in reverse order, remove the folder, end the guardian.

        May be called again; does nothing in a forked copy of the process that opened it.

        Raises:
            StackError: Something could not be ended or removed.
        """
        if self._open and os.getpid() == self._opener:
            self._open = False
            self._closing.close()

    def _remove(self) -> None:
        gone = reaper.reap(str(self.folder))
        self._guardian.kill()
        self._guardian.wait()
        if not gone:
            raise StackError(
                f"the run folder {self.folder} could not be cleared",
                "look for a process that hangs in it; the next run tries again",
            )

    def _disown(self) -> None:
        for process in self._processes:
            process.disown()
        self._guardian.returncode = 0  # else Popen warns that its child still runs

    def _record(self, process: Process) -> None:
        program = ""
        with contextlib.suppress(OSError):
            program = str(Path(f"/proc/{process.pid}/exe").readlink())
        line = json.dumps(
            {
                "pid": process.pid,
                "create_time": process.create_time,
                "name": process.name,
                "program": program,
            }
        )
        with (self.folder / "children.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _stop(process: Process) -> None:
    if process.running():
        process.terminate(_GRACE_S)


def _start_guardian(folder: Path, owner: reaper.Owner) -> "subprocess.Popen[bytes]":
    env = {name: value for name, value in os.environ.items() if name != reaper.RUN_VARIABLE}
    mark, _, value = kin.GUARDIAN_MARK.partition("=")
    # Inherited, so that it is deaf from its first instruction on.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, guardian.UNHEARD)
    try:
        return subprocess.Popen(
            guardian.command_line(str(folder), owner.pid, owner.create_time),
            env={**env, mark: value},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _safe_root(root: Path) -> Path:
    root = Path(os.path.abspath(root))  # noqa: PTH100 - must not follow a symlink
    return _folder(root)


def _folder(path: Path) -> Path:
    """Make the folder, or check that the one that is there is ours and no symlink."""
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigurationError(
            f"the runtime folder {path} cannot be made: {error.strerror}",
            f"set {ROOT_VARIABLE} to a folder of your own",
        ) from error
    else:
        path.chmod(_TRAVERSABLE)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ConfigurationError(
            f"the runtime folder {path} is a symlink, a file or somebody else's",
            f"remove it, or set {ROOT_VARIABLE} to a folder of your own",
        )
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        raise ConfigurationError(
            f"anybody may write in the runtime folder {path}", f"chmod o-w {path}"
        )
    return path
