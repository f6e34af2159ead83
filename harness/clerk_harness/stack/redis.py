"""A real Redis of one's own that keeps what it acknowledged."""

from clerk_harness.stack.binaries import redis_program
from clerk_harness.stack.embedded import EmbeddedService
from clerk_harness.stack.ports import LOOPBACK
from clerk_harness.stack.process import Command

__all__ = ["Redis", "trouble"]

_ANSWER_S = 1.0


class Redis(EmbeddedService):
    """Redis with an append-only file (synced every second, so it survives SIGKILL) on loopback."""

    name = "redis"

    @property
    def url(self) -> str:
        """``redis://…`` of database 0."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def _prepare(self) -> None:
        self._workspace.subfolder(self.name)

    def _command(self) -> Command:
        folder = self._workspace.folder / self.name
        options = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": str(folder),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
        }
        argv = [str(redis_program())]
        for name, value in options.items():
            argv += [f"--{name}", value]
        return Command(name=self.name, argv=argv, cwd=folder)

    def _answers(self) -> bool:
        # Not just any server: one that took our port while we were down would answer as well.
        return not trouble(self.url, pid=self.pid)


def trouble(url: str, *, pid: int | None = None) -> str:
    """Say what keeps the Redis at ``url`` from answering within 1 s; empty when it answers.

    Args:
        url: ``redis://…`` or ``rediss://…``.
        pid: It must also be this process.
    """
    import redis  # noqa: PLC0415 - heavy, and only needed with a server
    from redis.backoff import NoBackoff  # noqa: PLC0415 - as above
    from redis.retry import Retry  # noqa: PLC0415 - as above

    client = redis.Redis.from_url(
        url,
        socket_timeout=_ANSWER_S,
        socket_connect_timeout=_ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
        if pid is not None and client.info("server")["process_id"] != pid:
            return "another server has its port"
    except redis.RedisError as error:
        return str(error) or type(error).__name__
    finally:
        client.close()
    return ""
