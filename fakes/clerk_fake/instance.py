"""One Clerk instance: keys, clock, state, event log and webhooks, isolated from all others."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.changes import Changes, under
from clerk_fake.clock import Clock
from clerk_fake.collector import look_at_everything_again
from clerk_fake.events.log import EventLog
from clerk_fake.ids import Ids
from clerk_fake.limits.limiter import Limiter
from clerk_fake.limits.settings import DEVELOPMENT, PRODUCTION, Limits
from clerk_fake.renderings import Renderings
from clerk_fake.state import State
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.tokens.signing_key import SigningKey
from clerk_fake.webhooks.dispatcher import Dispatcher
from clerk_fake.webhooks.idempotency import IdempotentAnswers
from clerk_fake.webhooks.operational import Operational
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.schedule import DeliverySchedule
from clerk_fake.webhooks.sender import Sender

__all__ = ["OPERATIONAL_KINDS", "Identity", "Instance"]

OPERATIONAL_KINDS: Final = "operational_"
"""Stands before the kinds of what is written down about operational messages."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an instance is known by; never changes.

    Attributes:
        instance_id: ``ins_…``, also the ``kid`` of its first signing key.
        frontend_host: Host of its Frontend API, e.g. ``fake-1.clerk.accounts.dev``.
        secret_key: ``sk_test_…``, for the Backend API.
        publishable_key: ``pk_test_…``, for front ends.
        webhook_secret: ``whsec_…``; endpoints without a secret of their own sign with it.
        seed: Makes ids repeatable; ``None`` for ids that never repeat.
    """

    instance_id: str
    frontend_host: str
    secret_key: str
    publishable_key: str
    webhook_secret: str
    seed: int | None = None

    @property
    def issuer(self) -> str:
        """The ``iss`` of its tokens."""
        return f"https://{self.frontend_host}"

    @property
    def svix_app_id(self) -> str:
        """What Svix calls the instance."""
        return "app_" + self.instance_id.removeprefix("ins_")

    @property
    def production(self) -> bool:
        """Whether its keys are those of a production instance."""
        return self.secret_key.startswith("sk_live_")

    @property
    def usual_limits(self) -> Limits:
        """What Clerk allows an instance of this environment."""
        return PRODUCTION if self.production else DEVELOPMENT


class Instance:
    """The live parts of an instance.

    Args:
        identity: What it is known by.
        shared_key: The server's RSA key.
        sender: The server's HTTP client for webhooks.
        base_url: Where the server is reached, without a slash at the end.
        limits: What it allows from the start, and again after a reset.

    Attributes:
        identity: As given.
        home_url: Where its pictures and keys are served without authentication.
        dashboard_url: Where people look at it.
        clock: Its time.
        ids: Makes its ids.
        attempt_ids: Makes those of attempts.
        operational_ids: Makes those of operational messages and their attempts.
        state: What it knows.
        renderings: The JSON of what it knows, written once per version.
        log: What happened in it.
        endpoints: Who is told.
        deliveries: How far each message has come.
        attempts: What was tried.
        outbox: The books of the last four, in one.
        dispatcher: Does the telling.
        guard: Says where it may go; ``None`` for anywhere.
        idempotent_answers: What is answered again when it is asked again.
        signing_key: Signs its session tokens.
        limiter: Counts and refuses; ``None`` while nothing is limited.
        token_skew_s: How far the clock that session tokens are issued by is ahead.
        first_limits: As given.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        shared_key: SharedKey,
        sender: Sender,
        base_url: str,
        limits: Limits | None = None,
    ) -> None:
        self.identity = identity
        self.home_url = f"{base_url}/i/{identity.instance_id}"
        self.dashboard_url = f"{base_url}/dashboard/{identity.instance_id}"
        self.clock = Clock()
        self.ids = Ids(identity.seed)
        self.attempt_ids = Ids(identity.seed, "attempt_ids")
        self.operational_ids = Ids(identity.seed, "operational_ids")
        self.state = State()
        self.renderings = Renderings(self.home_url)
        self.log = EventLog(identity.instance_id, self.clock, self.ids)
        self.outbox = Outbox.of(self.log)
        self.endpoints = self.outbox.endpoints
        self.deliveries = self.outbox.deliveries
        self.attempts = self.outbox.attempts
        self.idempotent_answers = IdempotentAnswers(self.state, self.clock)
        self.signing_key = SigningKey(identity.instance_id, shared_key, self.clock)
        self.limiter: Limiter | None = None
        self.token_skew_s = 0
        self.first_limits = limits
        self._changes: Changes | None = None
        self.limit(limits)
        self.guard = sender.guard
        self._sender = sender
        self._operational: Operational | None = None
        self.dispatcher = Dispatcher(
            self.outbox, clock=self.clock, sender=sender, ids=self.attempt_ids
        )

    @property
    def id(self) -> str:
        """The instance id."""
        return self.identity.instance_id

    @property
    def operational(self) -> Operational:
        """What its owner is told about deliveries; begins to tell when it is first asked for."""
        if self._operational is None:
            self._operational = self._begin_operational()
        return self._operational

    @property
    def has_operational(self) -> bool:
        """Whether its owner is told about deliveries, or was."""
        return self._operational is not None and not self._operational.outbox.empty

    @property
    def dispatchers(self) -> tuple[Dispatcher, ...]:
        """All that deliver something."""
        if self._operational is None:
            return (self.dispatcher,)
        return (self.dispatcher, self._operational.dispatcher)

    @property
    def outboxes(self) -> tuple[Outbox, ...]:
        """The books of all that deliver something."""
        if self._operational is None:
            return (self.outbox,)
        return (self.outbox, self._operational.outbox)

    def token_time_s(self) -> int:
        """Return when a session token that is issued now says that it was issued, Unix seconds."""
        return self.clock.now_ms() // 1000 + self.token_skew_s

    def record_to(self, changes: Changes) -> None:
        """Tell ``changes`` of every change from now on."""
        self._changes = changes
        self.state.record_to(changes)
        self.ids.changes = self.attempt_ids.changes = self.signing_key.changes = changes
        self.operational_ids.changes = changes
        self.clock.changes = self.dispatcher.changes = changes
        self.outbox.record_to(changes)
        if self._operational is not None:
            self._record_operational(self._operational, changes)

    def limit(self, limits: Limits | None) -> None:
        """Allow so much from now on, counted from zero; ``None`` for no limits at all."""
        self.limiter = None if limits is None else Limiter(limits, self.clock)
        if self._changes is not None:
            self._changes.put("limits", "", limits)

    def reset(self) -> None:
        """Forget everything but the identity: users, sessions, clock, endpoints, messages.

        An instance with a seed makes the same ids again.

        The limits are those with which it was made.
        """
        for dispatcher in self.dispatchers:
            dispatcher.abort()
        self.dispatcher.schedule = DeliverySchedule()
        self.state.clear()
        self.renderings.clear()
        for outbox in self.outboxes:
            outbox.clear()
        self.clock.back_to_real()
        self.ids.resume(0)
        self.attempt_ids.resume(0)
        self.operational_ids.resume(0)
        self.signing_key.back_to_first()
        self.limit(self.first_limits)

    def close(self) -> None:
        """Stop at once, and let go of what it holds of the machine; it cannot be used again."""
        for dispatcher in self.dispatchers:
            dispatcher.abort()
        for outbox in self.outboxes:
            outbox.close()
        look_at_everything_again()

    def _begin_operational(self) -> Operational:
        outbox = Outbox.of(EventLog(self.id, self.clock, self.operational_ids))
        dispatcher = Dispatcher(
            outbox,
            clock=self.clock,
            sender=self._sender,
            ids=self.operational_ids,
            leader=self.dispatcher,
        )
        operational = Operational(
            outbox, dispatcher, about=self.outbox, app_id=self.identity.svix_app_id
        )
        self.endpoints.on_change(operational.note_change)
        self.dispatcher.on_attempt(operational.note_attempt)
        if self._changes is not None:
            self._record_operational(operational, self._changes)
        return operational

    def _record_operational(self, operational: Operational, changes: Changes) -> None:
        operational.outbox.record_to(under(OPERATIONAL_KINDS, changes))
