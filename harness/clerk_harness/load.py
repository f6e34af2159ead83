"""Have Locust deliver messages at a constant rate, and watch the service work them off."""

import math
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from clerk_harness.checks.observation import differences
from clerk_harness.clerk import ClerkUser, Message
from clerk_harness.errors import MachineError
from clerk_harness.holding import hold_deliveries
from clerk_harness.ledger import Ledger, LoadDelivery
from clerk_harness.stack import Command, Process, Workspace
from clerk_harness.target import Deployment, Probe, ProbeError
from clerk_harness.waiting import WaitTimeoutError, eventually

__all__ = ["LoadResult", "LoadSettings", "run_load"]

_LOOK_EVERY_S = 0.5
_P95 = 0.95
_HOPELESS_MS = 1000


@dataclass(frozen=True)
class LoadSettings:
    """How much load.

    Attributes:
        rate: Messages per second, whatever happens to the ones before.
        duration_s: For how long, in seconds.
        processed_within_s: How long to wait for the last one to be processed, in seconds.
        label: Part of every e-mail address; unique per load.
    """

    rate: float = 50
    duration_s: float = 10
    processed_within_s: float = 30
    label: str = "load"

    @property
    def messages(self) -> int:
        """How many messages that makes."""
        return max(1, round(self.rate * self.duration_s))


@dataclass(frozen=True)
class LoadResult:
    """What a load did; latencies count from the moment at which a message was due.

    Attributes:
        ack_p95_ms: None when nothing was acknowledged.
        bit: Whether the load reached its rate, or was kept from it by answers too slow to pass.
        why: The figures for or against that.
        failed: Ids of messages refused or never answered; Clerk delivers them again afterwards.
        processed_p95_s: An upper bound, by what the probe saw; None when 5 % were never processed.
        unprocessed: Ids of acknowledged messages whose user never became Clerk's.
    """

    planned: int
    acked: int
    failed: Sequence[str]
    ack_p95_ms: float | None
    bit: bool
    why: str
    processed_p95_s: float | None
    unprocessed: Sequence[str]

    @property
    def balanced(self) -> bool:
        """Whether every planned message is known to be processed or known to have failed."""
        return self.planned == self.acked + len(self.failed) and not self.unprocessed

    @property
    def balance(self) -> str:
        """The same in figures."""
        return (
            f"{self.planned} planned, {self.acked} acknowledged, {len(self.failed)} refused"
            f" or lost, {len(self.unprocessed)} acknowledged and not processed"
        )


def run_load(
    settings: LoadSettings, deployment: Deployment, ledger: Ledger, workspace: Workspace
) -> LoadResult:
    """Change as many users in Clerk as there are messages, and let Locust deliver the events.

    Half of the messages are registrations, half are updates of users who are here already: one
    message per user, so that each can be told to be processed by its user being Clerk's.

    Raises:
        MachineError: Locust could not be run.
    """
    messages = _prepare(settings, deployment, ledger)
    folder = workspace.subfolder(f"load-{settings.label}")
    plan = _plan(settings, deployment, messages)
    (folder / "plan.json").write_bytes(orjson.dumps(plan))
    argv = (sys.executable, "-m", "clerk_load", "--plan", "plan.json", "--out", ".")
    process = workspace.spawn(Command(name="locust", argv=argv, cwd=folder))
    watch = _Watch(deployment, messages)
    _look_on(process, watch, settings)
    summary, deliveries = _read(folder, process)
    ledger.add_load(deliveries)
    acked = {each.message_id for each in deliveries if each.acknowledged}
    watch.messages = [message for message in messages if message.id in acked]
    with suppress(WaitTimeoutError):  # what is missing then is in the result
        eventually(watch.look, within=settings.processed_within_s, every=_LOOK_EVERY_S)
    result = _result(settings, summary, deliveries, watch)
    for message_id in result.failed:
        # As Svix would; the load counts it as failed all the same.
        deployment.clerk.messages.resend(message_id, endpoint_id=deployment.endpoint_id)
    return result


def _prepare(settings: LoadSettings, deployment: Deployment, ledger: Ledger) -> list[Message]:
    clerk, label = deployment.clerk, settings.label
    half = settings.messages // 2
    here = [clerk.users.create(f"here-{n}.{label}@example.com") for n in range(half)]
    eventually(
        lambda: clerk.messages.pending() == 0, within=60, describe="delivery of the first half"
    )
    with hold_deliveries(deployment, ledger) as held:
        for number in range(settings.messages):
            if number % 2 and number // 2 < half:
                clerk.users.update(here[number // 2].id, first_name=f"Load {number}")
            else:
                clerk.users.create(f"new-{number}.{label}@example.com", first_name=f"Load {number}")
    return [message for message in held.messages if message.event_type.startswith("user.")]


def _plan(
    settings: LoadSettings, deployment: Deployment, messages: Sequence[Message]
) -> dict[str, Any]:
    return {
        "url": deployment.spec.webhook_url,
        "secret": deployment.clerk.keys.webhook_secret,
        "rate": settings.rate,
        "messages": [
            {"id": each.id, "event_type": each.event_type, "payload": each.payload}
            for each in messages
        ],
    }


@dataclass
class _Watch:
    """Notes when each message's user was first seen to be Clerk's, in Unix seconds."""

    deployment: Deployment
    messages: Sequence[Message]
    seen_at: dict[str, float] = field(default_factory=dict)

    def look(self) -> bool:
        """Look at everybody who is still missing; True once nobody is."""
        missing = [message for message in self.messages if message.id not in self.seen_at]
        rows = _rows(self.deployment.probe, missing)
        for message in missing:
            user = ClerkUser.from_wire(message.data)
            if not differences(user, rows.get(user.id)):
                self.seen_at[message.id] = time.time()
        return all(message.id in self.seen_at for message in self.messages)


def _rows(probe: Probe, missing: Sequence[Message]) -> Mapping[str, Any]:
    try:
        listed = probe.users()
        if listed is None:
            read = (probe.user(message.object_id) for message in missing)
            listed = [row for row in read if row is not None]
    except ProbeError:
        return {}  # a service that is too busy to be read has processed nothing yet
    return {row.id: row for row in listed}


def _look_on(process: Process, watch: _Watch, settings: LoadSettings) -> None:
    """Watch the service until Locust has ended."""

    def ended() -> bool:
        watch.look()
        return not process.running()

    eventually(
        ended, within=settings.duration_s + 60, every=_LOOK_EVERY_S, describe="end of the load"
    )


def _read(folder: Path, process: Process) -> tuple[Mapping[str, Any], list[LoadDelivery]]:
    try:
        summary = orjson.loads((folder / "load.json").read_bytes())
        lines = (folder / "deliveries.jsonl").read_bytes().splitlines()
    except OSError as problem:
        raise MachineError(
            f"Locust left no result (exit {process.returncode})", process.log_tail(5)
        ) from problem
    return summary, [_delivery(orjson.loads(line)) for line in lines]


def _result(
    settings: LoadSettings,
    summary: Mapping[str, Any],
    deliveries: Sequence[LoadDelivery],
    watch: _Watch,
) -> LoadResult:
    acked = [delivery for delivery in deliveries if delivery.acknowledged]
    took = sorted(
        watch.seen_at[each.message_id] - each.due_at
        for each in acked
        if each.message_id in watch.seen_at
    )
    last = math.ceil(_P95 * len(acked)) - 1
    return LoadResult(
        planned=settings.messages,
        acked=len(acked),
        failed=[each.message_id for each in deliveries if not each.acknowledged],
        ack_p95_ms=summary["ack_ms"]["p95"],
        bit=summary["bit"] or _held_back(summary),
        why=summary["why"],
        processed_p95_s=took[last] if 0 <= last < len(took) else None,
        unprocessed=[each.message_id for each in acked if each.message_id not in watch.seen_at],
    )


def _held_back(summary: Mapping[str, Any]) -> bool:
    """Whether the service's own answers, counted from the actual sends, were hopelessly late.

    Then the load failed to reach its rate because of the service, and that is no excuse for it.
    """
    own_p95_ms = summary["service_ms"]["p95"]
    return bool(summary["held_back"] and own_p95_ms is not None and own_p95_ms > _HOPELESS_MS)


def _delivery(line: Mapping[str, Any]) -> LoadDelivery:
    ended = line["answered_at"] or line["sent_at"] or line["due_at"]
    return LoadDelivery(
        message_id=line["id"],
        due_at=line["due_at"],
        latency_ms=1000 * (ended - line["due_at"]),
        status=line["status"],
    )
