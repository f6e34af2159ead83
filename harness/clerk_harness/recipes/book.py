"""All recipes, found by the event type that they bring about."""

from difflib import get_close_matches
from typing import Final

from clerk_harness.errors import ConfigurationError
from clerk_harness.recipes import billing, organizations, people
from clerk_harness.recipes.recipe import Recipe

__all__ = ["RECIPES", "recipe_of"]

RECIPES: Final = (*people.RECIPES, *organizations.RECIPES, *billing.RECIPES)


def recipe_of(event_type: str) -> Recipe:
    """Return the recipe for an event type.

    Raises:
        ConfigurationError: Clerk has no such event; names the nearest.
    """
    by_type = {recipe.event_type: recipe for recipe in RECIPES}
    if event_type in by_type:
        return by_type[event_type]
    by_lower = {known.lower(): known for known in by_type}
    near = get_close_matches(event_type.lower(), by_lower, n=3, cutoff=0.5)
    guess = f"did you mean {' or '.join(by_lower[each] for each in near)}? " if near else ""
    raise ConfigurationError(
        f"Clerk has no event {event_type!r}", f"{guess}'clerk-harness trigger --list' lists all"
    )
