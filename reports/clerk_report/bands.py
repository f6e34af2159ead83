"""Fault windows on the timeline: where each is shaded, and where its name has room."""

from collections.abc import Sequence
from dataclasses import dataclass

from clerk_report.axes import percent
from clerk_report.timeline import FaultWindow
from clerk_report.units import moment

__all__ = ["LANE_PX", "Band", "place_bands"]

LANE_PX = 19.0
MOST_LANES = 8
# Width of one letter on the narrowest screen that counts (about 380 px), in percent of it.
LETTER_PERCENT = 1.75
LABEL_FITS_RIGHT_OF = 60.0


@dataclass(frozen=True, slots=True)
class Band:
    """A fault window; ``label_x`` and ``anchor`` keep its name inside the chart.

    Faults that are counted (``FaultWindow.fired``) are not shaded: they last for a whole run, and
    some of them at once would hide everything else.
    """

    name: str
    x: float
    width: float
    lane_y: float
    label_x: float
    anchor: str
    title: str
    shaded: bool = True


def place_bands(faults: Sequence[FaultWindow], span: float) -> tuple[tuple[Band, ...], int]:
    """Place the windows, and their names in as few lanes as keep the names apart."""
    lanes: list[float] = []
    bands: list[Band] = []
    for fault in sorted(faults, key=lambda f: f.start_s):
        x = percent(fault.start_s, span)
        width = round(max(percent(fault.end_s, span) - x, 0.4), 3)
        room = min(len(fault.name) * LETTER_PERCENT + 2, 60.0)
        right = x < LABEL_FITS_RIGHT_OF
        left_edge = x if right else x + width - room
        lane = next((i for i, free_from in enumerate(lanes) if free_from <= left_edge), len(lanes))
        lane = min(lane, MOST_LANES - 1)
        edge = max(left_edge + room, x + width)
        if lane == len(lanes):
            lanes.append(edge)
        else:
            lanes[lane] = max(lanes[lane], edge)
        bands.append(
            Band(
                name=fault.name,
                x=x,
                width=width,
                lane_y=4 + lane * LANE_PX,
                label_x=x if right else round(min(x + width, 100.0), 3),
                anchor="start" if right else "end",
                title=_title(fault),
                shaded=fault.fired is None,
            )
        )
    return tuple(bands), len(lanes)


def _title(fault: FaultWindow) -> str:
    when = f"{fault.name}: {moment(fault.start_s)} to {moment(fault.end_s)}"
    return when if fault.fired is None else f"{when}, fired {fault.fired} times"
