"""What becomes of a delivery after an attempt: arrived, tried again, or given up."""

from collections.abc import Callable
from dataclasses import replace

from clerk_fake.clock import Clock
from clerk_fake.frozen import quickly_frozen
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState
from clerk_fake.webhooks.outcome import Outcome
from clerk_fake.webhooks.schedule import DeliverySchedule

__all__ = ["Settlement", "Terms", "settle"]


@quickly_frozen
class Terms:
    """What decides when a message is tried again.

    Attributes:
        schedule: The waits.
        clock: The instance's clock.
        draw: Returns a random number from 0 to 1 for the jitter.
    """

    schedule: DeliverySchedule
    clock: Clock
    draw: Callable[[], float]


@quickly_frozen
class Settlement:
    """How a delivery stands after one more attempt.

    Attributes:
        delivery: As it is now.
        at: When the attempt ended, on the instance's clock, ms: when it was due, if the clock was
            turned past that.
    """

    delivery: Delivery
    at: int


def settle(delivery: Delivery, outcome: Outcome, *, by_hand: bool, terms: Terms) -> Settlement:
    """Return how ``delivery`` stands after an attempt that ended like this.

    An attempt that somebody asked for changes nothing about the schedule, unless it succeeds.
    """
    clock = terms.clock
    now = clock.now_ms()
    succeeded = outcome.succeeded
    if by_hand or delivery.state is not DeliveryState.PENDING:
        arrived = DeliveryState.DELIVERED if succeeded else delivery.state
        return Settlement(_tried(delivery, arrived, answered=by_hand), now)
    # Lateness that comes from turning the clock is credited to the next steps, so one turn of
    # 27.6 hours walks the whole schedule. Lateness from a backlog is not: a busy receiver
    # still gets its pause.
    turned = clock.turned_ms - delivery.turned_ms
    credit = max(min(turned, now - delivery.due_at), 0) if turned else 0
    at = now - credit
    if succeeded:
        return Settlement(_tried(delivery, DeliveryState.DELIVERED), at)
    delay_ms = None
    if not outcome.aborts and not outcome.disables:
        delay_ms = terms.schedule.delay_ms(
            delivery.step + 1,
            terms.draw,
            overloaded=outcome.overloaded,
            retry_after_s=outcome.retry_after_s(),
        )
    if delay_ms is None:
        return Settlement(_tried(delivery, DeliveryState.EXHAUSTED), at)
    again = replace(
        _tried(delivery, DeliveryState.PENDING),
        step=delivery.step + 1,
        due_at=at + delay_ms,
        turned_ms=clock.turned_ms - max(credit - delay_ms, 0),
    )
    return Settlement(again, at)


def _tried(delivery: Delivery, state: DeliveryState, *, answered: bool = False) -> Delivery:
    """Return a delivery after one more attempt; written out, since ``replace`` takes its time.

    ``answered`` says whether that was one of those which were asked for.
    """
    return Delivery(
        delivery.message_id,
        delivery.endpoint_id,
        state,
        delivery.attempts + 1,
        delivery.step,
        delivery.due_at,
        delivery.turned_ms,
        delivery.asked - (answered and delivery.asked > 0),
    )
