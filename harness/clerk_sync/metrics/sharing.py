"""Several processes, one scrape: each keeps its values in files of one directory.

A process writes the files of a slot, a small number that it holds a lock of. Whoever comes after it
takes the free number and goes on where it stopped, so that counters never go down and the files do
not grow in number; the kernel drops the lock of a process that was killed, and with that its gauges
no longer count. Neither needs anybody's help, nor process ids, which containers repeat.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from prometheus_client import CollectorRegistry, values
from prometheus_client.core import Metric
from prometheus_client.exposition import start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from clerk_sync.errors import ConfigurationError

__all__ = ["DIRECTORY", "MetricsAddress", "share_metrics", "shared_collector"]

DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"
OWN: Final = "clerk_sync-metrics-"
"""How directories begin that a process takes for itself, in the folder for temporary files."""


class _Slot:
    """The number of this process in the directory; a fork makes it take another."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pid = 0
        self._lock = -1
        self._number = ""

    def number(self) -> str:
        """Return the number; asked at every change of a value."""
        pid = os.getpid()
        if pid != self._pid:
            if self._lock >= 0:
                os.close(self._lock)  # The parent's, which keeps it.
            self._pid = pid
            self._take()
        return self._number

    def _take(self) -> None:
        for number in count():
            lock = _lock(self._directory / f"slot-{number}.lock")
            if lock is not None:
                _drop_gauges(self._directory, str(number))
                self._lock, self._number = lock, str(number)
                return


class _Living(Collector):
    """Collects the files, without the gauges of processes that are gone."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files = MultiProcessCollector(None, path=str(directory))  # type: ignore[no-untyped-call]  # not typed there

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        for path in self._directory.glob("slot-*.lock"):
            lock = _lock(path)
            if lock is not None:
                _drop_gauges(self._directory, path.stem.removeprefix("slot-"))
                os.close(lock)
        found: Iterable[Metric] = self._files.collect()  # type: ignore[no-untyped-call]  # the same
        return found


def _lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock, or ``None`` when somebody else does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _drop_gauges(directory: Path, number: str) -> None:
    for path in directory.glob(f"gauge_live*_{number}.db"):
        path.unlink(missing_ok=True)


@contextmanager
def share_metrics(*, alone: bool) -> Iterator[None]:
    """Keep this process's metrics, and those of its children, where others can collect them.

    Must be entered before instruments are made. Without ``PROMETHEUS_MULTIPROC_DIR`` and not alone,
    nothing is shared.

    Args:
        alone: Take a directory of one's own, which only the children of this process share, and
            remove it at the end.

    Raises:
        ConfigurationError: The directory cannot be written.
    """
    if alone:
        _remove_abandoned()
        with TemporaryDirectory(prefix=OWN) as own:
            os.environ[DIRECTORY] = own
            _share(Path(own))
            yield
        return
    if os.environ.get(DIRECTORY):
        _share(Path(os.environ[DIRECTORY]))
    yield


def _remove_abandoned() -> None:
    """Remove the directories of processes that were killed: nobody holds a lock in them."""
    for directory in Path(gettempdir()).glob(f"{OWN}*"):
        paths = list(directory.glob("slot-*.lock"))
        try:
            locks = [_lock(path) for path in paths]
        except OSError:
            continue  # Another user's, or just removed by somebody else.
        # One without any lock is just being made.
        if locks and None not in locks:
            shutil.rmtree(directory, ignore_errors=True)
        for lock in locks:
            if lock is not None:
                os.close(lock)


def _share(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        slot = _Slot(directory)
        slot.number()
    except OSError as unusable:
        raise ConfigurationError(
            f"{DIRECTORY} cannot be used ({unusable})", "name a directory that can be written"
        ) from unusable
    # The library's documented way to name processes by something else than their ids.
    values.ValueClass = values.MultiProcessValue(slot.number)  # type: ignore[no-untyped-call]


def shared_collector() -> _Living | None:
    """Return what collects the metrics of all processes, or ``None`` when they are not shared."""
    directory = os.environ.get(DIRECTORY)
    return _Living(Path(directory)) if directory else None


@dataclass(frozen=True, slots=True)
class MetricsAddress:
    """Where a process other than the API answers scrapes."""

    host: str
    port: int

    def serve(self) -> None:
        """Answer scrapes from a thread of this process, for as long as it lives.

        Raises:
            ConfigurationError: The port cannot be had.
        """
        registry = CollectorRegistry()
        living = shared_collector()
        if living is not None:
            registry.register(living)
        try:
            start_http_server(self.port, addr=self.host, registry=registry)
        except OSError as taken:
            raise ConfigurationError(
                f"{self.host}:{self.port} cannot be listened on ({taken})",
                "choose another --metrics-port",
            ) from taken
