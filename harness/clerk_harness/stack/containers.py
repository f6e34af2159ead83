"""What services in containers have in common; the engine is reached by testcontainers."""

import contextlib
import json
import os
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from clerk_harness.stack.errors import StackError
from clerk_harness.stack.ports import LOOPBACK, free_port
from clerk_harness.stack.reaper import LABEL
from clerk_harness.stack.workspace import Workspace
from clerk_harness.waiting import WaitTimeoutError, eventually

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

__all__ = ["ContainerService"]

_HEALTHY_S = 60.0
_STOP_S = 5
_ATTEMPTS = 5
_DEFAULT_ENGINE = "unix:///var/run/docker.sock"
_NO_ENGINE_REMEDY = "start Docker or set DOCKER_HOST, or use the embedded stack"
_without_ryuk_one_at_a_time = threading.Lock()  # it changes a setting of the whole process


class ContainerService(ABC):
    """A service in a container of ours on a fixed port, so that its URL outlives a restart.

    The guardian removes it by its label when the owner dies, if the engine listens on a socket of
    this machine; otherwise that is left to testcontainers' own reaper (Ryuk).

    Args:
        workspace: Owns the container.
        port: Port on the host; one that is free when not given.
        image: Image to run.
    """

    name: str
    _inner_port: int

    def __init__(self, workspace: Workspace, *, image: str, port: int | None = None) -> None:
        self._workspace = workspace
        self._image = image
        self._wanted_port = port
        self._address: tuple[str, int] | None = None
        self._container: Any = None

    @property
    def port(self) -> int:
        """The port on the host; stays the same over kill, stop and restart."""
        return self._at()[1]

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    def start(self) -> None:
        """Create or start the container and block until it is healthy (60 s at most).

        Raises:
            StackError: There is no engine, no image, or the service does not come up.
        """
        with self._engine_errors():
            if self._container is None:
                self._check_engine()
                self._create()
            elif self._status() != "running":
                self._container.start()
        try:
            eventually(self._look, within=_HEALTHY_S, describe=f"{self.name} healthy")
        except WaitTimeoutError as error:
            raise StackError(
                f"{self.name} in Docker was not healthy within {_HEALTHY_S:g} s; its last words: "
                + " | ".join(self.log_tail(5).splitlines()),
                f"check the image {self._image}",
                subject=self.name,
            ) from error

    def healthy(self) -> bool:
        """Ask it something real."""
        return self._address is not None and self._answers()

    def kill(self) -> None:
        """SIGKILL the container; data and port stay."""
        with self._engine_errors():
            container = self._started()
            self.thaw()  # engines refuse to kill a paused container
            if self._status() == "running":
                container.kill("SIGKILL")
                container.wait(condition="not-running", timeout=_STOP_S)

    def restart(self) -> None:
        """Start again on the same port and data (killing it first when it runs)."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Pause the container: its port accepts connections, but nothing answers."""
        with self._engine_errors():
            self._started().pause()

    def thaw(self) -> None:
        """Let a paused container go on."""
        with self._engine_errors():
            if self._status() == "paused":
                self._container.unpause()

    def stop(self) -> None:
        """End it in an orderly way; ``start`` continues with the same port and data."""
        if self._container is not None:
            self.thaw()
            with self._engine_errors():
                self._container.stop(timeout=_STOP_S)

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the container's log."""
        with self._engine_errors():
            return str(self._started().logs(tail=lines).decode(errors="replace"))

    @abstractmethod
    def _environment(self) -> dict[str, str]:
        """Variables of the container."""

    @abstractmethod
    def _arguments(self) -> Sequence[str]:
        """What runs in the container."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it answers a real request."""

    def _look(self) -> bool:
        with self._engine_errors():
            if self._status() in ("exited", "dead"):
                raise StackError(
                    f"{self.name} in Docker ended at once; its last words: "
                    + " | ".join(self.log_tail(5).splitlines()),
                    f"check the image {self._image}",
                    subject=self.name,
                )
        return self._answers()

    def _check_engine(self) -> None:
        """Say in words that there is no engine; Docker's library would also leak the socket."""
        scheme, _, path = os.environ.get("DOCKER_HOST", _DEFAULT_ENGINE).partition("://")
        if scheme != "unix":
            return
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(path)
        except OSError as error:
            raise StackError(
                f"Docker cannot run {self.name}: no engine listens on {path} ({error.strerror})",
                _NO_ENGINE_REMEDY,
                subject=self.name,
            ) from error

    def _create(self) -> None:
        from docker.errors import APIError  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy

        for attempt in range(1, _ATTEMPTS + 1):
            port = self._wanted_port or free_port()
            container = self._configured(port)
            reachable = self._tell_guardian(container)
            self._workspace.on_close(lambda made=container: _discard(made))  # type: ignore[misc]
            try:
                with _without_ryuk() if reachable else contextlib.nullcontext():
                    container.start()
            except APIError as error:
                taken = "already" in str(error) and "port" in str(error)
                if self._wanted_port or not taken or attempt == _ATTEMPTS:
                    raise
                _discard(container)
            else:
                self._container = container.get_wrapped_container()
                mapped = container.get_docker_client().get_connection_mode().use_mapped_port
                host = container.get_container_host_ip()
                local = "127.0.0.1" if host == "localhost" else host
                self._address = (local, port if mapped else self._inner_port)
                return

    def _configured(self, port: int) -> "DockerContainer":
        # Its plain container: the ready-made ones poll once a second and pick ports that change.
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - heavy

        container = (
            DockerContainer(self._image)
            .with_envs(**self._environment())
            .with_command(list(self._arguments()))
            .with_bind_ports(self._inner_port, port)
            .with_kwargs(labels={LABEL: self._workspace.id})
        )
        engine = container.get_docker_client()
        if (
            engine.host() in ("localhost", LOOPBACK)
            and engine.get_connection_mode().value == "docker_host"
        ):
            # Not on all interfaces; Docker's library takes such pairs, `with_bind_ports` does not.
            container.ports = {str(self._inner_port): (LOOPBACK, port)}  # type: ignore[dict-item]
        return container

    def _tell_guardian(self, container: "DockerContainer") -> bool:
        api = container.get_docker_client().client.api
        path = getattr(api.get_adapter(api.base_url), "socket_path", None)
        address = f"unix://{Path(path).absolute()}" if path else str(api.base_url)
        if urlsplit(address).scheme not in ("unix", "http"):
            return False
        note = json.dumps({"address": address})
        (self._workspace.folder / "engine.json").write_text(note, encoding="utf-8")
        return True

    def _status(self) -> str:
        container = self._started()
        container.reload()
        return str(container.status)

    def _started(self) -> Any:
        if self._container is None:
            raise StackError(
                f"{self.name} was not started", "call start() first", subject=self.name
            )
        return self._container

    def _at(self) -> tuple[str, int]:
        self._started()
        assert self._address is not None, "set together with the container"  # noqa: S101 - for mypy
        return self._address

    @contextlib.contextmanager
    def _engine_errors(self) -> Iterator[None]:
        try:
            import testcontainers  # noqa: F401, PLC0415 - only whether it is there
            from docker.errors import DockerException  # noqa: PLC0415 - heavy
            from requests import RequestException  # noqa: PLC0415 - heavy
        except ImportError as error:
            raise StackError(
                "the docker stack needs testcontainers, which is not installed",
                "pip install 'clerk-harness[docker]', or use the embedded stack",
                subject=self.name,
            ) from error
        try:
            yield
        except (DockerException, RequestException) as error:
            raise StackError(
                f"Docker cannot run {self.name}: {error}",
                _NO_ENGINE_REMEDY,
                subject=self.name,
            ) from error


def _discard(container: "DockerContainer") -> None:
    """Remove the container, if it was made, and close the connection to the engine."""
    # The engine may be gone by now; then so is the container.
    with contextlib.suppress(Exception):
        container.stop()


@contextlib.contextmanager
def _without_ryuk() -> Iterator[None]:
    """Start without testcontainers' reaper: the guardian does its work, and it is one more image.

    Only for the moment: the user's own containers in this process keep it.
    """
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415 - heavy

    with _without_ryuk_one_at_a_time:
        before = testcontainers_config.ryuk_disabled
        testcontainers_config.ryuk_disabled = True
        try:
            yield
        finally:
            testcontainers_config.ryuk_disabled = before
