"""How figures are spelt for people."""

import math

__all__ = ["duration", "milliseconds", "moment"]

MINUTE_S = 60
HOUR_S = 3600
SECOND_MS = 1000.0


def milliseconds(value: float | None) -> str:
    """A latency: ``4.2 ms``, ``180 ms``, ``1.5 s``; a dash when there is none."""
    if value is None or not math.isfinite(value):
        return "\N{EN DASH}"
    if value >= SECOND_MS:
        return f"{value / SECOND_MS:.3g} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2g} ms"  # noqa: PLR2004 - two digits


def moment(seconds: float) -> str:
    """A place on the time axis: ``0 s``, ``42.5 s``, ``1:30``, ``1:02:03``."""
    if seconds < MINUTE_S:
        return f"{round(seconds, 1):g} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, MINUTE_S)
    if whole < HOUR_S:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // MINUTE_S}:{minutes % MINUTE_S:02d}:{rest:02d}"


def duration(seconds: float) -> str:
    """A length of time: ``85 ms``, ``4.21 s``, ``1 min 17 s``, ``1 h 2 min``."""
    if seconds < 1:
        return f"{seconds * SECOND_MS:.0f} ms"
    if seconds < MINUTE_S:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), MINUTE_S)
    if seconds < HOUR_S:
        return f"{minutes} min {rest} s"
    return f"{minutes // MINUTE_S} h {minutes % MINUTE_S} min"
