"""What every fault is, whichever seam it acts at."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from clerk_fake.faults.draws import Draws
from clerk_fake.faults.tally import Tally
from clerk_fake.http.forms import form_names
from clerk_fake.instance import Instance

__all__ = ["Begun", "Fault", "Onset", "SeamName"]

SeamName: TypeAlias = Literal["api", "delivery"]

W = TypeVar("W", bound=Draws)


class Begun:
    """A fault that is in force; each seam adds how it acts."""

    __slots__ = ()

    def spares(self, subject: Any) -> bool:
        """Tell whether something that is meant is let pass, neither counted nor drawn for."""
        del subject
        return False

    def end(self) -> None:
        """Strike no more: put back what was changed when it began, let go what is kept."""

    def heal(self) -> None:
        """Put right what it did, as far as that can be; ``end`` was called before."""


@dataclass(frozen=True, slots=True)
class Onset(Generic[W]):
    """What a fault begins with.

    Attributes:
        instance: Whose; ``None`` for everybody's.
        where: Whom it is to strike.
        tally: Its counters.
        random: The fault's own, seeded.
        healed: Set as soon as the fault is healed.
    """

    instance: Instance | None
    where: W
    tally: Tally
    random: random.Random
    healed: asyncio.Event


@dataclass(frozen=True, slots=True)
class Fault(Begun):
    """One way in which things go wrong; a kind of fault is a subclass with its own settings.

    Attributes:
        kind: What the control plane calls it.
        seam: Where it acts.
        where: What can be said about whom it strikes.
        said: Which fields of that a request may give; ``None`` for all.
        drawn: Whether it strikes single ones that are matched and drawn; a fault that is in force
            until it is healed does not, and counts by itself.
        counts_itself: Whether a strike is not yet an effect: the fault tells the tally of effects.
        lives_in_an_instance: Whether it cannot be set for a whole server.
    """

    kind: ClassVar[str]
    seam: ClassVar[SeamName]
    where: ClassVar[type[Draws]]
    said: ClassVar[frozenset[str] | None] = None
    drawn: ClassVar[bool] = True
    counts_itself: ClassVar[bool] = False
    lives_in_an_instance: ClassVar[bool] = False

    @classmethod
    def conditions(cls) -> frozenset[str]:
        """Return the names of what may be said about whom it strikes."""
        return form_names(cls.where) if cls.said is None else cls.said

    def check(self) -> None:
        """Refuse settings with which nothing would ever go wrong: such a fault must not count.

        Raises:
            ApiError: 422, with what would have an effect.
        """

    def aim(self, onset: Onset[Any]) -> Callable[[Any], bool]:
        """Return what tells whether a request or a delivery is meant.

        Raises:
            ApiError: 422, what is said of them makes no sense with this fault.
        """
        del onset
        return lambda _anything: True

    def begin(self, onset: Onset[Any]) -> Begun:
        """Be in force."""
        raise NotImplementedError
