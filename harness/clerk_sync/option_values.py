"""How the text of an option is read: each function returns its value.

All of them raise ``ValueError`` with what the value must be.
"""

import re
from base64 import b64decode
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from clerk_sync.addresses import is_outbound, is_private_path

__all__ = [
    "DOTS_OF_JWT",
    "OFF",
    "Network",
    "as_count",
    "as_database_url",
    "as_days",
    "as_list",
    "as_log_level",
    "as_networks",
    "as_open_or_closed",
    "as_operator_tokens",
    "as_outbound_url",
    "as_rate",
    "as_redis_url",
    "as_seconds",
    "as_signing_secrets",
    "as_skew",
    "as_text",
    "as_visible",
]

OFF: Final = "off"
"""Stands for no limit at all."""


SHORTEST_TOKEN: Final = 12
DOTS_OF_JWT: Final = 2
SHORTEST_SECRET: Final = 16
"""Bytes of a signing secret; Svix makes 24 to 64."""
SHORTEST_S: Final = 0.001
MOST: Final = 10_000_000
"""Largest number of anything: of seconds that is a third of a year."""
MOST_SKEW_S: Final = 300
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_RATE: Final = re.compile(
    r"[1-9][0-9]{0,8} ?(/|per) ?([1-9][0-9]{0,3} ?)?(second|minute|hour|day)s?", re.IGNORECASE
)
Network: TypeAlias = IPv4Network | IPv6Network

LONGEST_MEMORY_DAYS: Final = 36_500
SHORTEST_MEMORY_DAYS: Final = 7
"""A webhook that is forgotten is new when it is sent again; Svix tries for days by itself."""


def as_text(value: str) -> str:
    """Take any text."""
    return value


def as_list(value: str) -> tuple[str, ...]:
    """Take what is comma separated; what is set and names nothing is refused."""
    parts = tuple(part for part in (part.strip() for part in value.split(",")) if part)
    if value and not parts:
        # What is set and says nothing is a slip, and may not mean "any".
        raise ValueError("must name at least one, comma separated")
    return parts


def as_visible(value: str) -> str:
    """Take visible ASCII."""
    if not _VISIBLE.fullmatch(value):
        raise ValueError("must be visible ASCII characters")
    return value


def as_signing_secrets(value: str) -> tuple[str, ...]:
    """Take ``whsec_…``, comma separated."""
    secrets = as_list(value)
    for secret in secrets:
        key = secret.removeprefix("whsec_")
        try:
            usable = key != secret and len(b64decode(key, validate=True)) >= SHORTEST_SECRET
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("must be signing secrets, whsec_ and base64, comma separated")
    return secrets


def as_count(value: str) -> int:
    """Take a whole number from 1."""
    number = int(value)
    if not 1 <= number <= MOST:
        raise ValueError(f"must be from 1 to {MOST}")
    return number


def as_seconds(value: str) -> float:
    """Take seconds from a thousandth."""
    number = float(value)
    if not SHORTEST_S <= number <= MOST:
        raise ValueError(f"must be from {SHORTEST_S} to {MOST}")
    return number


def as_skew(value: str) -> float:
    """Take seconds that two clocks may differ."""
    number = float(value)
    if not 0 <= number <= MOST_SKEW_S:
        raise ValueError(f"must be from 0 to {MOST_SKEW_S} (seconds)")
    return number


def as_rate(value: str) -> str:
    """Take a rate in the notation of ``limits``, or ``off``."""
    if value.lower() == OFF:
        return OFF
    if not _RATE.fullmatch(value):
        raise ValueError('must be a rate like 1000/second or 60 per 2 minutes, or "off"')
    return value


def as_database_url(value: str) -> str:
    """Take ``postgresql://…`` that is encrypted or stays in a private network."""
    if urlsplit(value).scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("must start with postgresql://")
    _check_port(value)
    if not is_private_path(value):
        raise ValueError(
            "must say sslmode=require or stricter: plain text stays in private networks"
        )
    return value


def _check_port(url: str) -> None:
    try:
        # Several hosts have several ports, which only the driver can read.
        _ = None if "," in urlsplit(url).netloc else urlsplit(url).port
    except ValueError as wrong:
        raise ValueError("must have a port from 0 to 65535") from wrong


def as_redis_url(value: str) -> str:
    """Take ``redis://…``, likewise."""
    parts = urlsplit(value)
    if parts.scheme not in {"redis", "rediss"}:
        raise ValueError("must start with redis:// or rediss://")
    _check_port(value)
    if not re.fullmatch(r"(/\d{0,9})?", parts.path):
        raise ValueError("must end in the number of a database, like /0")
    if not is_private_path(value):
        raise ValueError("must start with rediss://: plain text stays in private networks")
    return value


def as_outbound_url(value: str) -> str:
    """Take https, or a loopback host."""
    if is_outbound(value):
        return value.rstrip("/")
    raise ValueError("must start with https:// (plain http is for loopback hosts only)")


def as_open_or_closed(value: str) -> str:
    """Take one of two words."""
    if value.lower() not in {"open", "closed"}:
        raise ValueError("must be open or closed")
    return value.lower()


def as_days(value: str) -> float | None:
    """Take days; empty is none."""
    if not value:
        return None
    days = float(value)
    if not SHORTEST_MEMORY_DAYS <= days <= LONGEST_MEMORY_DAYS:
        raise ValueError(f"must be from {SHORTEST_MEMORY_DAYS} to {LONGEST_MEMORY_DAYS} (days)")
    return days


def as_log_level(value: str) -> str:
    """Take a level of ``logging``."""
    level = value.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError("must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return level


def as_operator_tokens(value: str) -> tuple[str, ...]:
    """Take bearer tokens, comma separated, that nobody guesses."""
    tokens = as_list(value)
    if not all(len(token) >= SHORTEST_TOKEN and _VISIBLE.fullmatch(token) for token in tokens):
        raise ValueError(f"must be tokens of at least {SHORTEST_TOKEN} visible ASCII characters")
    if any(token.count(".") == DOTS_OF_JWT for token in tokens):
        raise ValueError("must not look like a session token, with two dots")
    return tokens


def as_networks(value: str) -> tuple[Network, ...]:
    """Take CIDRs, comma separated."""
    try:
        return tuple(ip_network(part, strict=False) for part in as_list(value))
    except ValueError as wrong:
        raise ValueError("must be networks like 10.0.0.0/8, comma separated") from wrong
