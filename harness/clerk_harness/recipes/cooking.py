"""Bring an event about, with what was wished: by a real change where Clerk takes it as input."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clerk_harness.clerk import ClerkInstance, ClerkRefusedError, Message
from clerk_harness.errors import ConfigurationError
from clerk_harness.recipes.kitchen import Kitchen
from clerk_harness.recipes.overrides import Override, overridden, unmet
from clerk_harness.recipes.recipe import Recipe

__all__ = ["Wishes", "bring_about", "rehearsed"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What shall be otherwise in an event.

    Attributes:
        real: Clerk takes it as input of the change, so its Backend API says so as well.
        on_paper: Only the payload can say so.
        refused: Why Clerk does not take as input what could have been; empty when it does.
    """

    real: tuple[Override, ...] = ()
    on_paper: tuple[Override, ...] = ()
    refused: str = ""


def rehearsed(clerk: ClerkInstance, recipe: Recipe, wanted: Sequence[Override]) -> Wishes:
    """Find out how overrides can be had, by trying in an instance that is thrown away afterwards.

    Raises:
        UnknownPathError: The event has no such field; names the nearest.
    """
    real, refused, told = _accepted(clerk, recipe, tuple(wanted))
    overridden(told.data, wanted)  # raises where there is no such field
    on_paper = unmet(told.data, wanted)
    return Wishes(tuple(each for each in real if each not in on_paper), on_paper, refused)


def _accepted(
    clerk: ClerkInstance, recipe: Recipe, wanted: tuple[Override, ...]
) -> tuple[tuple[Override, ...], str, Message]:
    """Return what Clerk takes, why it does not take the rest, and the event that came of it."""
    with contextlib.suppress(ClerkRefusedError):
        return wanted, "", bring_about(clerk, recipe, Wishes(wanted))
    taken: tuple[Override, ...] = ()
    refused = ""
    told = bring_about(clerk, recipe, Wishes())
    for each in wanted:
        try:
            told = bring_about(clerk, recipe, Wishes((*taken, each)))
        except ClerkRefusedError as refusal:
            refused = refused or refusal.remedy or str(refusal)
        else:
            taken = (*taken, each)
    return taken, refused, told


def bring_about(
    clerk: ClerkInstance,
    recipe: Recipe,
    wishes: Wishes,
    just_before: Callable[[], object] = lambda: None,
) -> Message:
    """Carry a recipe out and return the event.

    Args:
        clerk: Where it happens.
        recipe: How.
        wishes: What is otherwise.
        just_before: Called when all is prepared and the next event of the type is the wanted one.

    Raises:
        ClerkRefusedError: The instance does not allow it.
        ConfigurationError: The change was made and no such event came of it.
    """
    kitchen = Kitchen(clerk, wishes.real)
    step = recipe.prepare(kitchen)
    if not wishes.on_paper:
        just_before()
    before = clerk.messages.last_seq()
    answer = kitchen.take(step)
    told = [
        message
        for message in clerk.messages.emitted(after=before)
        if message.event_type == recipe.event_type
    ]
    if not told:
        raise ConfigurationError(
            f"{recipe.summary}, and no {recipe.event_type} came of it",
            "the instance is set up so that it does not; leave --fake out to use a fresh one",
        )
    subject = answer.get("id") if isinstance(answer, dict) else None
    event = next((each for each in told if each.object_id == subject), told[-1])
    if not wishes.on_paper:
        return event
    just_before()
    return clerk.messages.trigger(recipe.event_type, overridden(event.data, wishes.on_paper))
