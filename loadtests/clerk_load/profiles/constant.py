"""Evenly spaced arrivals: what a steady stream of sign-ups looks like."""

from collections.abc import Sequence

__all__ = ["offsets"]


def offsets(rate: float, count: int, seed: int) -> Sequence[float]:
    """Message ``i`` is due ``i / rate`` seconds after the start; the seed changes nothing."""
    del seed
    return [index / rate for index in range(count)]
