"""The service under test, asked through its contract only."""

import secrets

import orjson

from clerk_harness.doctor.patient import Patient, require
from clerk_harness.errors import NotDeclaredError
from clerk_harness.forgery import FORGED_TOKENS, delivery_headers, forged_headers
from clerk_harness.holding import deliver_now
from clerk_harness.target import InboxEntry
from clerk_harness.waiting import eventually

__all__ = [
    "check_background",
    "check_migrations",
    "check_states",
    "check_token",
    "check_webhook",
]

_OK = 200
_SETTLES_WITHIN_S = 10


def check_background(patient: Patient) -> str:
    """A task goes through the broker to a worker, and comes back."""
    took_ms = patient.deployment.ping_background()
    return f"a worker answered within {took_ms:.0f} ms"


def check_migrations(patient: Patient) -> str:
    """The set-up commands succeed again, on a database that they have set up already."""
    commands = patient.deployment.spec.setup
    if not commands:
        raise NotDeclaredError("the target has no [[setup]] command", "declare its migration")
    patient.deployment.set_up()
    return f"{len(commands)} set-up command ran again without an error"


def check_webhook(patient: Patient) -> str:
    """A delivery that Clerk signed is acknowledged; one with another key's signature is not."""
    deployment, ledger = patient.deployment, patient.ledger
    user = deployment.clerk.users.create(f"doctor.{secrets.token_hex(4)}@example.com")
    ledger.refresh()
    message = next(each for each in ledger.emitted if each.object_id == user.id)
    deliver_now(deployment, ledger, message)
    body = orjson.dumps({"type": "user.deleted", "object": "event", "data": {"id": user.id}})
    secret = deployment.clerk.keys.webhook_secret
    headers = forged_headers("a bad signature", secret=secret, body=body, other=message)
    refused = deployment.deliver(body, headers)
    require(refused.is_client_error, f"a forged webhook was answered {refused.status_code}")
    return f"genuine acknowledged, forged refused with {refused.status_code}"


def check_token(patient: Patient) -> str:
    """A session token lets its user in; the same token, tampered with, lets nobody in."""
    deployment = patient.deployment
    user = deployment.clerk.users.create(f"doctor.{secrets.token_hex(4)}@example.com")
    eventually(
        lambda: deployment.probe.user(user.id),
        within=_SETTLES_WITHIN_S,
        describe="arrival of a new user",
    )
    session = deployment.clerk.sessions.create(user)
    good = deployment.protected(deployment.clerk.sessions.token(session))
    require(good.status_code == _OK, f"a valid token was answered {good.status_code}")
    bad = deployment.protected(FORGED_TOKENS["a tampered token"](deployment.clerk, session))
    require(bad.is_client_error, f"a tampered token was answered {bad.status_code}")
    return f"valid accepted, tampered refused with {bad.status_code}"


def check_states(patient: Patient) -> str:
    """A message is received once, applied once, and stays so when it comes again."""
    deployment, ledger = patient.deployment, patient.ledger
    user = deployment.clerk.users.create(f"doctor.{secrets.token_hex(4)}@example.com")
    ledger.refresh()
    message = next(each for each in ledger.emitted if each.object_id == user.id)

    def settled() -> InboxEntry | None:
        inbox = deployment.probe.inbox()
        if inbox is None:
            raise NotDeclaredError("the target lists no inbox", "declare probe.inbox")
        of_message = (entry for entry in inbox if entry.svix_id == message.id)
        return next((entry for entry in of_message if entry.settled), None)

    first = eventually(settled, within=_SETTLES_WITHIN_S, describe=f"end of {message.id}")
    body = message.payload.encode()
    headers = delivery_headers(deployment.clerk.keys.webhook_secret, message.id, body)
    again = deployment.deliver(body, headers)
    require(again.is_success, f"a duplicate was answered {again.status_code}")
    second = settled()
    require(second == first, f"a duplicate turned {first} into {second}")
    return f"{message.event_type} went to {first.state}, and stayed so when it came again"
