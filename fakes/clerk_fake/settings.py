"""What a server is started with, read once."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final

__all__ = ["BODY_LIMIT", "LOOPBACK_HOSTS", "ServerSettings"]

BODY_LIMIT: Final = 1_000_000
"""Largest request body that is read unless a route says otherwise, in bytes."""

LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Options of ``python -m clerk_fake``.

    Attributes:
        host: Address to listen on; anything but loopback is answered with a warning.
        port: Port to listen on; 0 takes a free one.
        owner_pid: Stop when this process is gone; ``None`` to run until a signal comes.
        secret_key: Secret key of the first instance; ``None`` makes one up.
        webhook_secret: Webhook secret of the first instance; ``None`` makes one up.
        allow_live_keys: Whether an instance may have a real secret key, ``sk_live_…``.
        allowed_hosts: Further names under which pages and programs may reach the control plane.
        endpoint_networks: Where webhooks may go beside the public internet; means nothing on
            loopback, where they may go anywhere.
        body_limit: Largest request body that is read unless a route says otherwise, in bytes.
        limits: Whether the first instance has Clerk's limits.
        seed_file: Declares what the first instance holds, when it is a new one.
        state_file: Keeps everything beyond the end of the process; ``None`` keeps it in memory.
        log_level: Least severe level that is written to stderr.
    """

    host: str = "127.0.0.1"
    port: int = 0
    owner_pid: int | None = None
    secret_key: str | None = None
    webhook_secret: str | None = None
    allow_live_keys: bool = False
    allowed_hosts: tuple[str, ...] = ()
    endpoint_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    body_limit: int = BODY_LIMIT
    limits: bool = False
    seed_file: Path | None = None
    state_file: Path | None = None
    log_level: str = "warning"
