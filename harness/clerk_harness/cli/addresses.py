"""Addresses that are given on the command line: of a receiver, of a fake."""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from clerk_harness.errors import ConfigurationError

__all__ = ["checked_url"]


def checked_url(url: str, option: str, *, allow_remote: bool) -> str:
    """Return a URL that may be talked to, without a slash at the end of a bare host.

    Args:
        url: As given; ``http://`` may be left out.
        option: Which option gave it, for the error.
        allow_remote: Whether it may lead away from this machine.

    Raises:
        ConfigurationError: It is no URL, or it leads away and that was not allowed.
    """
    whole = url if "://" in url else f"http://{url}"
    parts = _split(whole, option)
    if not allow_remote and not _is_here(parts.hostname or "", option):
        raise ConfigurationError(
            f"{option} {url} leads away from this machine",
            "add --allow-remote if that is a server of yours and is meant",
        )
    return whole.rstrip("/") if parts.path in {"", "/"} else whole


def _split(url: str, option: str) -> SplitResult:
    wrong = ConfigurationError(
        f"{option} {url!r} is no URL", "write one such as http://127.0.0.1:8000/webhooks/clerk"
    )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as malformed:
        raise wrong from malformed
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise wrong
    return parts


def _is_here(host: str, option: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise ConfigurationError(
            f"the host {host} of {option} is not known here", "check how it is written"
        ) from unknown
    return all(_is_loopback(str(address[0])) for _, _, _, _, address in found)


def _is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or address
    return bool(inner.is_loopback or inner.is_unspecified)  # 0.0.0.0 is what servers print
