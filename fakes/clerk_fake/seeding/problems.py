"""What is wrong with a seed file, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from clerk_fake.errors import ApiError, Complaint

__all__ = ["Place", "Problem", "SeedError", "place_name"]

Place: TypeAlias = tuple[str | int, ...]
"""How one comes to a value, e.g. ``("users", 1, "email_address")``."""


def place_name(place: Place) -> str:
    """Return how people write a place, e.g. ``users[1].email_address``."""
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return name.removeprefix(".")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        line: Where in the text, from 1.
        place: Which value.
        says: What is wrong with it.
        code: Clerk's code for that.
    """

    line: int
    place: Place
    says: str
    code: str = "form_param_value_invalid"

    def told(self, file: str = "") -> str:
        """Return one line for people, with the name of the file in front if there is one."""
        where = f"{file}:{self.line}: " if file else f"line {self.line}: "
        name = place_name(self.place)
        return where + (f"{name}: {self.says}" if name else self.says)


class SeedError(ApiError):
    """A seed that was not applied: 422, with a complaint for each problem.

    Attributes:
        problems: All that were found, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = sorted(problems, key=lambda problem: problem.line)
        super().__init__(
            422,
            *(
                Complaint(
                    problem.code,
                    "is invalid",
                    problem.told(),
                    {"param_name": place_name(problem.place), "line": problem.line},
                )
                for problem in self.problems
            ),
        )
