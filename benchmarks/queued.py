"""A million queued messages: how much memory they take, and what it is while they drain."""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from asking import Rate
from load import LOOPBACK, Load, request, send
from servers import KEY, Server, fake, started
from talks import receiver

__all__ = ["print_queued"]

MILLION = 1_000_000
STEPS = (100_000, 150_000, 250_000, 500_000)
GB = 1e9
POLL_S = 0.2
LONGEST_S = 600
DATA = {"id": "user_2g7np7Hrk0SN6kj5EDMLDaKNL0S", "text": "x" * 1280}


def print_queued() -> None:
    """Print a row for every stage: queued before a receiver that does not answer, then drained."""
    print("| queued | memory (RSS) | per second of CPU | load average |")
    print("|---|---|---|---|")
    with receiver("--hold") as held, started("fake", fake) as server:
        home = _home(server)
        url = f"http://{LOOPBACK}:{held.port}/webhooks/clerk"
        _ask(server, "POST", f"{home}/endpoints", {"url": url})
        queued = 0
        for step in STEPS:
            rate = _queue(server, home, step)
            queued += step
            _print_row(f"{queued:,}", server.resident_bytes(), rate)
        held.talk.say("go on")
        _print_drained(server, home)


def _print_drained(server: Server, home: str) -> None:
    used_s, most = server.cpu_s(), 0
    for resident in _while_draining(server, home):
        most = max(most, resident)
    rate = MILLION / (server.cpu_s() - used_s)
    _print_row("most while they drain", most, Rate(rate, rate))
    _print_row("all delivered", server.resident_bytes(), None)


def _while_draining(server: Server, home: str) -> Iterator[int]:
    """Yield how much memory the server has, until everything has arrived."""
    deadline = time.monotonic() + LONGEST_S
    while _ask(server, "GET", f"{home}/deliveries")["pending"]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the queue is not empty after {LONGEST_S} s")
        yield server.resident_bytes()
        time.sleep(POLL_S)


def _queue(server: Server, home: str, messages: int) -> Rate:
    body = json.dumps({"type": "user.created", "data": DATA}).encode()
    written = request("POST", f"{home}/trigger", KEY, body)
    used_s = server.cpu_s()
    outcome = send(Load(server.port, (written for _ in range(messages))))
    return Rate(outcome.per_second, outcome.answered / (server.cpu_s() - used_s))


def _home(server: Server) -> str:
    (instance,) = _ask(server, "GET", "/__fake__/instances")["data"]
    return f"/__fake__/instances/{instance['instance_id']}"


def _ask(server: Server, method: str, path: str, body: object = None) -> dict[str, Any]:
    asked = urllib.request.Request(
        f"http://{LOOPBACK}:{server.port}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {KEY}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=LONGEST_S) as answer:  # noqa: S310
        document: dict[str, Any] = json.load(answer)
        return document


def _print_row(stage: str, resident: int, rate: Rate | None) -> None:
    cells = [
        stage,
        f"{resident / GB:.2f} GB",
        "" if rate is None else f"{rate.per_cpu_second:,.0f}/s",
        f"{os.getloadavg()[0]:.2f}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)
