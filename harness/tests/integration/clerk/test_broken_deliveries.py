"""Faults of deliveries in a test: always healed, and never set in vain."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from svix.webhooks import Webhook

from clerk_harness.clerk import ClerkInstance, ClerkRefusedError, DidNotStrikeError
from clerk_harness.clerk.delivery_faults import DeliveryFaults
from clerk_harness.webhooks import Webhooks


class Inbox:
    """An app that verifies, and remembers each message once."""

    def __init__(self, secret: str) -> None:
        self.committed: list[str] = []
        self.again = 0
        self._verifier = Webhook(secret)
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = {
            f"svix-{part}": environ[f"HTTP_SVIX_{part.upper()}"]
            for part in ("id", "timestamp", "signature")
        }
        self._verifier.verify(body, headers)
        with self._lock:
            if headers["svix-id"] in self.committed:
                self.again += 1
            else:
                self.committed.append(headers["svix-id"])
        start_response("204 No Content", [])
        return []


@pytest.fixture
def inbox(clerk: ClerkInstance, clerk_webhooks: Webhooks) -> Inbox:
    app = Inbox(clerk.keys.webhook_secret)
    clerk_webhooks.deliver_to(app)
    return app


def test_a_fault_is_on_inside_the_block_and_gone_after_it(
    clerk: ClerkInstance, clerk_webhooks: Webhooks, clerk_deliveries: DeliveryFaults, inbox: Inbox
) -> None:
    with clerk_deliveries.fault("duplicate", copies=2) as fault:
        ada = clerk.users.create("ada@example.com")
        clerk_webhooks.wait_for("user.created", ada)
        assert (fault.matched, fault.fired) == (1, 1)
    assert (len(inbox.committed), inbox.again) == (1, 2)

    ben = clerk.users.create("ben@example.com")
    clerk_webhooks.wait_for("user.created", ben)
    assert (len(inbox.committed), inbox.again) == (2, 2)
    assert fault.fired == 1


def test_a_fault_that_took_no_effect_fails_and_is_healed(
    clerk: ClerkInstance, clerk_webhooks: Webhooks, clerk_deliveries: DeliveryFaults, inbox: Inbox
) -> None:
    def alone() -> None:
        with clerk_deliveries.fault("burst", size=2, wait_s=0.05):
            ada = clerk.users.create("ada@example.com")
            clerk_webhooks.wait_for("user.created", ada)

    with pytest.raises(DidNotStrikeError, match="burst struck none of the 1 deliveries"):
        alone()
    with clerk_deliveries.fault("drop", event_types=["user.deleted"], may_miss=True):
        ben = clerk.users.create("ben@example.com")
        clerk_webhooks.wait_for("user.created", ben)
    assert len(inbox.committed) == 2


def test_what_is_held_is_let_go_whatever_happens_inside(
    clerk: ClerkInstance, clerk_webhooks: Webhooks, clerk_deliveries: DeliveryFaults, inbox: Inbox
) -> None:
    held = []

    def broken() -> None:
        with clerk_deliveries.fault("burst", size=1000, wait_s=3600):
            held.append(clerk.users.create("ada@example.com"))
            raise KeyError("the test failed")

    with pytest.raises(KeyError):
        broken()
    clerk_webhooks.wait_for("user.created", held[0])
    assert len(inbox.committed) == 1


def test_a_reset_heals_and_leaving_the_block_does_not_mind(
    clerk: ClerkInstance, clerk_deliveries: DeliveryFaults
) -> None:
    with clerk_deliveries.fault("drop"):
        clerk.reset()


def test_what_there_is_not_is_refused(clerk_deliveries: DeliveryFaults) -> None:
    for kind, said in (("latency", {"delay_s": 1}), ("duplicate", {"path": "/v1"})):
        with pytest.raises(ClerkRefusedError), clerk_deliveries.fault(kind, **said):
            pass
