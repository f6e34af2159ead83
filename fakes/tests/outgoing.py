"""What a test asks of an instance about its deliveries, over the control plane."""

from typing import Any

import httpx

from clerk_harness.waiting import eventually

__all__ = ["attempts", "settle", "settled", "statuses", "trigger", "turn"]


def trigger(control: httpx.Client, number: int = 1, event_type: str = "user.created") -> str:
    """Emit an event of a made-up user, and return the message's id."""
    triggered = control.post("/trigger", json={"type": event_type, "data": {"id": f"u{number}"}})
    return str(triggered.raise_for_status().json()["id"])


def attempts(control: httpx.Client, **query: str) -> list[dict[str, Any]]:
    """Return what was tried, oldest first."""
    listed: list[dict[str, Any]] = control.get("/attempts", params=query).json()["data"]
    return listed


def statuses(control: httpx.Client) -> list[str]:
    """Return how each message stands, oldest first."""
    return [message["status"] for message in control.get("/messages").json()["data"]]


def settled(control: httpx.Client) -> bool:
    """Tell whether nothing is on its way."""
    return bool(control.get("/deliveries").json()["pending"] == 0)


def settle(control: httpx.Client) -> None:
    """Wait until nothing is on its way."""
    eventually(lambda: settled(control), within=10)


def turn(control: httpx.Client, seconds: float) -> None:
    """Turn the instance's clock forward."""
    control.post("/clock/advance", json={"seconds": seconds}).raise_for_status()
