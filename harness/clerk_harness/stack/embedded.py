"""What the services that we start ourselves have in common: port, start, kill, restart."""

from abc import ABC, abstractmethod

from clerk_harness.stack.errors import StackError
from clerk_harness.stack.ports import free_port, is_free
from clerk_harness.stack.process import Command, Process
from clerk_harness.stack.workspace import Workspace

__all__ = ["EmbeddedService"]

_START_S = 20.0
_STOP_S = 5.0
_ATTEMPTS = 5


class EmbeddedService(ABC):
    """A service that runs as a process of the workspace, on loopback.

    Args:
        workspace: Owns the process and the data.
        port: Port to use; one that is free when not given.
    """

    name: str

    def __init__(self, workspace: Workspace, *, port: int | None = None) -> None:
        self._workspace = workspace
        self._port = port
        self._port_is_settled = port is not None
        self._process: Process | None = None

    @property
    def port(self) -> int:
        """The port; stays the same over kill, stop and restart.

        Raises:
            StackError: It was not started yet.
        """
        if self._port is None:
            raise self._never_started()
        return self._port

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    @property
    def pid(self) -> int:
        """Process id of the server (of the postmaster for Postgres)."""
        return self._started().pid

    @property
    def running(self) -> bool:
        """Whether the server process lives, frozen or not."""
        return self._process is not None and self._process.running()

    def start(self) -> None:
        """Start and block until it is healthy; nothing happens when it runs already.

        Raises:
            StackError: It does not come up, or its port is taken.
        """
        if self.running:
            return
        self._prepare()
        for attempt in range(1, _ATTEMPTS + 1):
            if not self._port_is_settled:
                self._port = free_port()
            if is_free(self.port):
                try:
                    self._launch()
                except StackError:
                    # Another owner may have taken the port since, or what a kill left behind
                    # (lock file, shared memory) was still in use.
                    if attempt == _ATTEMPTS or (is_free(self.port) and not self._may_retry()):
                        raise
                else:
                    self._port_is_settled = True
                    return
            elif self._port_is_settled:
                break
        raise StackError(
            f"port {self._port} for {self.name} is taken by another program",
            "end that program or choose another port",
            subject=self.name,
        )

    def healthy(self) -> bool:
        """Ask it something real; ``False`` when it is down, frozen or still recovering."""
        return self.running and self._answers()

    def kill(self) -> None:
        """SIGKILL the server and all its children at once; data and port stay.

        Raises:
            StackError: It was never started.
        """
        self._started().kill()

    def restart(self) -> None:
        """Start again on the same port and data (killing it first when it runs)."""
        if self._started().running():
            self.kill()
        self.start()

    def freeze(self) -> None:
        """SIGSTOP the whole tree: its port accepts connections, but nothing answers.

        Raises:
            StackError: It does not run.
        """
        if not self.running:
            raise StackError(f"{self.name} does not run, so it cannot be frozen", subject=self.name)
        self._started().freeze()

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._started().thaw()

    def stop(self) -> None:
        """End it in an orderly way; ``start`` continues with the same port and data."""
        if self._process is not None:
            self._process.terminate(_STOP_S)

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the server's log."""
        return self._started().log_tail(lines)

    @abstractmethod
    def _prepare(self) -> None:
        """Make the data folder, if there is none yet."""

    @abstractmethod
    def _command(self) -> Command:
        """Say how the server is started on the port."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it is *our* server that answers a real request on the port."""

    def _after_start(self) -> None:  # noqa: B027 - optional
        """Complete what can only be done on a running server."""

    def _may_retry(self) -> bool:
        """Whether a failed start may be cured by another."""
        return False

    def _launch(self) -> None:
        process = self._process = self._workspace.spawn(self._command())
        try:
            process.wait_until(self._answers, within=_START_S, what="healthy")
            self._after_start()
        except BaseException:
            process.kill()
            raise

    def _started(self) -> Process:
        if self._process is None:
            raise self._never_started()
        return self._process

    def _never_started(self) -> StackError:
        return StackError(f"{self.name} was not started", "call start() first", subject=self.name)
