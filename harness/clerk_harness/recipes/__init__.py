"""Recipes: how each of Clerk's events comes about by a real change.

``recipe_of("user.created")`` finds one, ``bring_about`` carries it out in an instance.
"""

from clerk_harness.recipes.book import RECIPES, recipe_of
from clerk_harness.recipes.cooking import Wishes, bring_about, rehearsed
from clerk_harness.recipes.overrides import Override, UnknownPathError, read_override
from clerk_harness.recipes.recipe import Recipe

__all__ = [
    "RECIPES",
    "Override",
    "Recipe",
    "UnknownPathError",
    "Wishes",
    "bring_about",
    "read_override",
    "recipe_of",
    "rehearsed",
]
