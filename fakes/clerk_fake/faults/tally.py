"""How often a fault could have done something, and how often it did."""

from dataclasses import dataclass

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """The counters of one fault.

    Attributes:
        matched: How many requests or deliveries were meant.
        fired: How many times it took effect.
        over: Whether it has done all that it will ever do.
    """

    matched: int = 0
    fired: int = 0
    over: bool = False

    def hit(self, times: int = 1) -> None:
        """Count effects that nobody drew for."""
        self.matched += times
        self.fired += times
