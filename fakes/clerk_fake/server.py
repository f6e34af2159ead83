"""The process: options in, one ready line out, clean end."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clerk_fake.app import build_router
from clerk_fake.collector import begin_to_collect
from clerk_fake.control.info import jwks_url
from clerk_fake.errors import ApiError, ClerkFakeError, StartError, StateError
from clerk_fake.faults.board import Faults
from clerk_fake.holdings import Handles, hold, settle
from clerk_fake.http.door import Door
from clerk_fake.http.router import Router
from clerk_fake.http.serving import Serving
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.options import read_options
from clerk_fake.owner import watch_owner
from clerk_fake.settings import LOOPBACK_HOSTS, ServerSettings
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.webhooks.sender import Sender

if TYPE_CHECKING:
    from clerk_fake.jsontypes import JsonObject

__all__ = ["main"]

EXIT_USAGE: Final = 3
GRACE_S: Final = 2.0
BACKLOG: Final = 2048
KEEP_ALIVE_S: Final = 75
SETTLE_S: Final = 0.1
LEFTOVERS_TOLD: Final = 5

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Run the server; return the exit code: 0 after a clean end, 3 without a start or a file."""
    try:
        settings = read_options(arguments)
        logging.basicConfig(
            level=settings.log_level.upper(), format="clerk_fake: %(levelname)s %(message)s"
        )
        with _listen(settings) as listener:
            _loop_runner().run(_serve(settings, listener))
    except (StartError, StateError, ApiError) as refusal:
        for line in _lines(refusal):
            sys.stderr.write(f"clerk_fake: {line}\n")
        return EXIT_USAGE
    return 0


class _Server(uvicorn.Server):
    """Uvicorn, with the end of the process in our hands: a signal is a clean end, exit code 0.

    Args:
        config: As usual.
        ending: Called when the end begins, to let go whoever is kept waiting.
    """

    def __init__(self, config: uvicorn.Config, *, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    def heed_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, from now on: whoever reads the ready line may send one."""
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, self.stop)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # they are heeded already

    def stop(self) -> None:
        """End soon; called again, end at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._ending()


async def _serve(settings: ServerSettings, listener: socket.socket) -> None:
    sender = _sender(settings)
    base_url = _base_url(settings.host, listener)
    holdings = hold(settings, sender, base_url)
    instances, journal = holdings.instances, holdings.journal
    faults = Faults(instances)
    handles = settle(holdings, settings, faults, base_url)
    router = build_router(
        instances,
        faults,
        base_url=base_url,
        door=Door(settings.allowed_hosts, on_loopback=settings.host in LOOPBACK_HOSTS),
        commit=None if journal is None else journal.commit,
    )
    app = Serving(
        router,
        seam=faults.api,
        transports=lambda peer: _transport_to(peer, server),
        body_limit=settings.body_limit,
    )
    server = _Server(
        uvicorn.Config(
            app,
            http=HttpToolsProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=round(GRACE_S),
        ),
        ending=faults.heal_all,
    )
    if journal is not None:
        journal.on_failure(server.stop)
    watch = None
    if settings.owner_pid is not None:
        watch = asyncio.create_task(watch_owner(settings.owner_pid, server.stop))
    settling = asyncio.create_task(_settle(router, holdings.shared_key))
    begin_to_collect()
    server.heed_signals()
    listener.listen(BACKLOG)
    _say_ready(holdings.first, base_url, handles)
    await server.serve(sockets=[listener])
    settling.cancel()
    if watch is not None:
        watch.cancel()
    await asyncio.gather(
        *(
            dispatcher.drain(GRACE_S)
            for instance in instances
            for dispatcher in instance.dispatchers
        )
    )
    await sender.close()
    if journal is not None:
        journal.close()
    _tell_of_leftovers(instances, settings)


def _tell_of_leftovers(instances: Instances, settings: ServerSettings) -> None:
    """Say what was still on its way, and what becomes of it."""
    if not any(dispatcher.pending for one in instances for dispatcher in one.dispatchers):
        return
    from clerk_fake.webhooks.leftovers import leftovers  # noqa: PLC0415 - the server is ending

    pending = leftovers(outbox for instance in instances for outbox in instance.outboxes)
    fate = "are lost, as there is no --state"
    if settings.state_file is not None:
        fate = f"go on with the next server of {settings.state_file}"
    logger.warning("%d deliveries are pending and %s", pending.total(), fate)
    for url, count in pending.most_common(LEFTOVERS_TOLD):
        logger.warning("%d of them to %s", count, url)


def _sender(settings: ServerSettings) -> Sender:
    if settings.host in LOOPBACK_HOSTS:
        return Sender()
    from clerk_fake.webhooks.guard import Guard  # noqa: PLC0415 - few servers need one

    return Sender(guard=Guard(settings.endpoint_networks))


async def _settle(router: Router, shared_key: SharedKey) -> None:
    """Get ready, after the first answers, for what nobody has asked for yet."""
    await asyncio.sleep(SETTLE_S)
    shared_key.prepare()
    await asyncio.to_thread(import_module, "clerk_fake.faces")
    router.complete()


def _transport_to(peer: tuple[str, int] | None, server: uvicorn.Server) -> asyncio.Transport | None:
    for connection in server.server_state.connections:
        if isinstance(connection, HttpToolsProtocol) and connection.client == peer:
            return connection.transport
    return None


def _listen(settings: ServerSettings) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except socket.gaierror as unknown:
        raise StartError(
            f"{settings.host} is no address of this machine ({unknown.strerror}): "
            "give --host one, e.g. 127.0.0.1"
        ) from unknown
    except OSError as refused:
        raise StartError(
            f"cannot listen on {settings.host} port {settings.port} ({refused.strerror}): "
            "stop what uses it, or choose another with --host and --port (0 takes a free one)"
        ) from refused
    if settings.host not in LOOPBACK_HOSTS:
        sys.stderr.write(
            f"clerk_fake: WARNING listening on {settings.host}: everybody who reaches this machine "
            "can read and change everything in this fake; use --host 127.0.0.1 unless you mean it\n"
        )
    return listener


def _say_ready(instance: Instance, base_url: str, handles: Handles | None) -> None:
    identity = instance.identity
    ready: JsonObject = {
        "url": base_url,
        "instance_id": identity.instance_id,
        "secret_key": identity.secret_key,
        "publishable_key": identity.publishable_key,
        "webhook_secret": identity.webhook_secret,
        "jwks_url": jwks_url(instance),
        "dashboard_url": instance.dashboard_url,
    }
    if handles is not None:
        ready["handles"] = handles
    sys.stdout.write(orjson.dumps(ready).decode() + "\n")
    sys.stdout.flush()


def _base_url(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{reachable}:{port}"


def _loop_runner() -> asyncio.Runner:
    if sys.platform == "win32":
        return asyncio.Runner()
    import uvloop  # noqa: PLC0415 - not on Windows

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _lines(refusal: ClerkFakeError) -> Iterator[str]:
    """Yield what is to be told: one line, and of a seed file one for each problem."""
    told = refusal.lines if isinstance(refusal, StartError) else (str(refusal),)
    return (" ".join(line.split()) for line in told)
