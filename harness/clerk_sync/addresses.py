"""Where the service may send what: secrets go in plain text over no network that is not ours."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

__all__ = ["is_outbound", "is_private_path"]

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Spelled like this: other spellings, like ``127.1``, are read differently by different parsers."""
PRIVATE_SUFFIXES: Final = (".internal", ".local", ".localhost", ".svc", ".cluster.local")
ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})


def is_outbound(url: str) -> bool:
    """Tell whether Clerk may be asked at this URL: https, or a loopback host; no password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "\\" in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def is_private_path(url: str) -> bool:
    """Tell whether a database URL is encrypted, or stays within a private network.

    Private are Unix sockets, private addresses, names without a dot, and names that no public DNS
    knows, like ``redis.internal``.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    modes = query.get("sslmode", []) + query.get("ssl", [])
    if parts.scheme == "rediss" or (modes and ENCRYPTED.issuperset(modes)):
        return True
    hosts = [_host(part) for part in parts.netloc.rpartition("@")[2].split(",")]
    return all(map(_is_private, hosts + query.get("host", [])))


def _host(part: str) -> str:
    if part.startswith("["):
        return part[1:].partition("]")[0]
    return part.partition(":")[0]


def _is_private(host: str) -> bool:
    if not host or host.startswith("/"):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        name = host.lower().rstrip(".")
        # With a number at its end it is an address in another spelling, like 127.1 or 0x7f000001.
        return not name.rpartition(".")[2][:1].isdigit() and (
            "." not in name or name.endswith(PRIVATE_SUFFIXES)
        )
