"""The errand of ``clerk-harness trigger``: bring one event about and see who takes it."""

from dataclasses import dataclass

from clerk_harness.clerk import Attempt, ClerkInstance, ClerkServer, Endpoint, Message
from clerk_harness.cli.audience import Audience
from clerk_harness.cli.outcomes import Outcomes
from clerk_harness.recipes import Override, Recipe, Wishes, bring_about, rehearsed

__all__ = ["Errand", "Sent"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message at one endpoint.

    Attributes:
        message: What was sent.
        endpoint: To whom.
        attempt: How it went; ``None`` when none was made in time.
        wanted: Whether it tells of the event that was asked for, rather than of a preparation.
    """

    message: Message
    endpoint: Endpoint
    attempt: Attempt | None
    wanted: bool

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver took it."""
        return self.attempt is not None and self.attempt.acknowledged


@dataclass(frozen=True, slots=True)
class Errand:
    """What was asked for.

    Attributes:
        recipe: How the event comes about.
        overrides: What shall be otherwise in it.
        to: Where it goes; ``None`` for the instance's own endpoints.
        secret: What ``to`` verifies with; ``None`` for the instance's.
        with_preparations: Whether ``to`` hears of what happens before it as well.
        within: How long to wait for an outcome, in seconds.
    """

    recipe: Recipe
    overrides: tuple[Override, ...] = ()
    to: str | None = None
    secret: str | None = None
    with_preparations: bool = False
    within: float = 20

    def wishes(self, server: ClerkServer) -> Wishes:
        """Find out how the overrides can be had, in an instance that is removed afterwards.

        Raises:
            UnknownPathError: The event has no such field.
        """
        if not self.overrides:
            return Wishes()
        scratch = server.new_instance()
        try:
            return rehearsed(scratch, self.recipe, self.overrides)
        finally:
            scratch.remove()

    def secret_in(self, clerk: ClerkInstance) -> str:
        """Return what the receiver at ``to`` has to verify with; check that somebody will hear.

        Raises:
            ConfigurationError: Nobody would hear of the event, or ``secret`` is the wrong one.
        """
        audience = Audience(clerk, self.to, self.secret)
        audience.require(self.recipe.event_type)
        if audience.is_own:
            return audience.endpoints[0].secret
        return self.secret or clerk.keys.webhook_secret

    def run(self, clerk: ClerkInstance, wishes: Wishes) -> list[Sent]:
        """Bring the event about, and wait for the first attempt at each endpoint.

        Raises:
            ClerkRefusedError: The instance does not allow it.
        """
        event_type = self.recipe.event_type
        with Audience(clerk, self.to, self.secret) as audience:
            outcomes = Outcomes(clerk)
            before = clerk.messages.last_seq()
            if self.with_preparations:
                audience.gather()
            event = bring_about(
                clerk, self.recipe, wishes, just_before=lambda: audience.gather(event_type)
            )
            messages = [event]
            if self.with_preparations:
                messages = list(clerk.messages.emitted(after=before))
            pairs = audience.pairs(messages)
            ended = outcomes.of(pairs, within=self.within)
            by_id = {message.id: message for message in messages}
            return [
                Sent(
                    message=by_id[pair[0]],
                    endpoint=audience.endpoint(pair[1]),
                    attempt=ended.get(pair),
                    wanted=pair[0] == event.id,
                )
                for pair in pairs
            ]
