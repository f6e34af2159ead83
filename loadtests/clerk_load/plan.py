"""What is to be sent, where to and how fast: ``plan.json``, read once and checked whole.

A load goes to this machine and nowhere else.
"""

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from clerk_fake.webhooks.signing import SigningSecret
from clerk_load.errors import PlanError
from clerk_load.profiles import PROFILES

__all__ = ["Message", "Plan", "Thresholds"]

LONGEST_TIMEOUT_S = 600.0
MOST_IN_FLIGHT = 10_000
REQUIRED = frozenset({"url", "secret", "rate", "messages"})
OPTIONAL = frozenset({"timeout_s", "max_in_flight", "seed", "arrivals", "thresholds"})


@dataclass(frozen=True, slots=True)
class Message:
    """One webhook: its ``svix-id``, its event type and the exact body."""

    id: str
    event_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the service must keep.

    Attributes:
        success_ratio: At least this share of the planned messages is answered with 2xx.
        ack_p95_ms: 95 of 100 acknowledgements come sooner than this, from the intended start.
    """

    success_ratio: float = 0.99
    ack_p95_ms: float = 200.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A load, checked.

    Attributes:
        url: Webhook URL on a loopback address.
        secret: Signs the messages.
        rate: Arrivals per second.
        timeout_s: Limit for one answer, counted from the actual send.
        max_in_flight: More are never under way at once; what has to wait for that is late.
        arrivals: Name of a profile.
    """

    url: str
    secret: SigningSecret
    rate: float
    messages: tuple[Message, ...]
    timeout_s: float = 15.0
    max_in_flight: int = 256
    seed: int = 0
    arrivals: str = "constant"
    thresholds: Thresholds = field(default_factory=Thresholds)

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """Read and check ``plan.json``.

        Raises:
            PlanError: It is missing, is no JSON, or cannot be run as given.
        """
        try:
            document = orjson.loads(path.read_bytes())
        except OSError as problem:
            raise PlanError(
                f"plan {path} cannot be read ({problem.strerror})", "give a readable plan.json"
            ) from problem
        except orjson.JSONDecodeError as problem:
            raise PlanError(f"plan {path} is no JSON ({problem})", "write it as JSON") from problem
        return cls.of(document)

    @classmethod
    def of(cls, document: object) -> "Plan":
        """Check a decoded plan.

        Raises:
            PlanError: Names the first field that cannot be used.
        """
        plan = _fields(document, "the plan", REQUIRED, OPTIONAL)
        arrivals = plan.get("arrivals", "constant")
        if not isinstance(arrivals, str) or arrivals not in PROFILES:
            raise PlanError(f"arrivals {arrivals!r} is no profile", f"use {', '.join(PROFILES)}")
        return cls(
            url=_url(plan["url"]),
            secret=_secret(plan["secret"]),
            rate=_number(plan["rate"], "rate", above=0, most=1e9),
            messages=_messages(plan["messages"]),
            timeout_s=_number(
                plan.get("timeout_s", 15), "timeout_s", above=0, most=LONGEST_TIMEOUT_S
            ),
            max_in_flight=_whole(plan, "max_in_flight", 256, between=(1, MOST_IN_FLIGHT)),
            seed=_whole(plan, "seed", 0, between=(-(2**63), 2**63 - 1)),
            arrivals=arrivals,
            thresholds=_thresholds(plan.get("thresholds", {})),
        )


def _fields(
    value: object, where: str, required: frozenset[str], optional: frozenset[str]
) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise PlanError(f"{where} is no JSON object", f"give {', '.join(sorted(required))}")
    if missing := required - set(value):
        raise PlanError(f"{where} has no {', '.join(sorted(missing))}", "add it")
    if unknown := set(value) - required - optional:
        names = ", ".join(sorted(required | optional))
        raise PlanError(f"{where} has unknown {', '.join(sorted(unknown))}", f"it knows {names}")
    return value


def _url(value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        raise PlanError(f"url {value!r} is no URL", "give http://127.0.0.1:<port>/…")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError as problem:
        raise PlanError(f"url {value!r} is no URL ({problem})", "correct it") from problem
    if parts.scheme not in {"http", "https"}:
        raise PlanError(f"url {value!r} is no http(s) URL", "give http://127.0.0.1:<port>/…")
    if not _is_loopback(host):
        raise PlanError(
            f"host {host!r} is not this machine and gets no load", "use 127.0.0.1, ::1 or localhost"
        )
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(value: object) -> SigningSecret:
    try:
        return SigningSecret(value if isinstance(value, str) else "")
    except ValueError as problem:
        raise PlanError(f"secret cannot sign ({problem})", "give a whsec_ secret") from problem


def _number(value: object, name: str, *, above: float, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise PlanError(f"{name} {value!r} is no number", f"give more than {above:g}")
    if not above < value <= most:
        raise PlanError(
            f"{name} {value:g} is out of range", f"give more than {above:g}, at most {most:g}"
        )
    return float(value)


def _whole(plan: Mapping[str, Any], name: str, default: int, *, between: tuple[int, int]) -> int:
    value: object = plan.get(name, default)
    least, most = between
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PlanError(
            f"{name} {value!r} cannot be used", f"give a whole number from {least} to {most}"
        )
    return value


def _thresholds(value: object) -> Thresholds:
    default = Thresholds()
    given = _fields(value, "thresholds", frozenset(), frozenset({"success_ratio", "ack_p95_ms"}))
    return Thresholds(
        success_ratio=_number(
            given.get("success_ratio", default.success_ratio), "success_ratio", above=0, most=1
        ),
        ack_p95_ms=_number(
            given.get("ack_p95_ms", default.ack_p95_ms), "ack_p95_ms", above=0, most=1e9
        ),
    )


def _messages(value: object) -> tuple[Message, ...]:
    if not isinstance(value, list) or not value:
        raise PlanError("messages is no list with at least one message", "plan some messages")
    messages = tuple(_message(entry, f"messages[{i}]") for i, entry in enumerate(value))
    seen: set[str] = set()
    for message in messages:
        if message.id in seen:
            raise PlanError(f"message id {message.id!r} is there twice", "give each its own")
        seen.add(message.id)
    return messages


def _message(value: object, where: str) -> Message:
    fields = _fields(value, where, frozenset({"id", "event_type", "payload"}), frozenset())
    for name in ("id", "event_type"):
        text = fields[name]
        if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable():
            raise PlanError(f"{where} has an unusable {name} {text!r}", "give printable ASCII")
    payload = fields["payload"]
    body = payload.encode() if isinstance(payload, str) else orjson.dumps(payload)
    return Message(fields["id"], fields["event_type"], body)
