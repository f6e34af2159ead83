"""Programs of the benchmarks with a core of their own, which are told what to do line by line."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servers import GRACE_S, LOAD_CORE

__all__ = ["Receiver", "Talk", "receiver", "talking"]

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Talk:
    """A running program.

    Attributes:
        process: To be stopped by whoever started it.
    """

    process: "subprocess.Popen[str]"

    def say(self, line: str) -> None:
        """Write a line to its standard input."""
        if self.process.stdin is not None:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()

    def hear(self) -> str:
        """Wait for a line on its standard output.

        Raises:
            RuntimeError: It has ended instead.
        """
        line = "" if self.process.stdout is None else self.process.stdout.readline()
        if not line:
            raise RuntimeError("a program of the benchmark has ended")
        return line


@contextmanager
def talking(core: str, program: str, *options: str) -> Iterator[Talk]:
    """Start a program of this folder that ends when its standard input does."""
    command = [sys.executable, str(HERE / program), *filter(None, options)]
    pinned = ["taskset", "--cpu-list", core, *command]
    with subprocess.Popen(
        pinned, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Talk(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(timeout=GRACE_S)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A running ``receiver.py``.

    Attributes:
        port: On the loopback address.
        talk: With it.
    """

    port: int
    talk: Talk


@contextmanager
def receiver(*options: str) -> Iterator[Receiver]:
    """Start a receiver on the core of the load."""
    with talking(str(LOAD_CORE), "receiver.py", *options) as talk:
        yield Receiver(int(talk.hear()), talk)
