"""How events and attempts look in a terminal, and as lines of JSON."""

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import click
import orjson
from rich.cells import cell_len, set_cell_size
from rich.console import Console

from clerk_harness.clerk import Attempt, Message

__all__ = [
    "answer_of",
    "as_json",
    "attempt_json",
    "message_json",
    "output",
    "payload_of",
    "plain",
    "print_table",
    "short_time_of",
    "time_of",
]

_GAP = "  "
_NARROWEST = 8
"""To how many characters a column is cut at most."""

_ENDLESS = 10_000
"""Columns of what is no terminal: nothing is cut there."""


def output() -> Console:
    """Return standard output: coloured and as wide as the terminal, or plain and uncut."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    width = None if sys.stdout.isatty() else _ENDLESS
    colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(highlight=False, markup=False, width=width, color_system=colours)


def print_table(
    screen: Console,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    uncut: Collection[str] = (),
) -> None:
    """Print rows of one line each, with as many cells as there are columns.

    Where they are wider than the screen, cells end in an ellipsis, the widest column's first, but
    for those of the columns ``uncut``.
    """
    cells = [columns, *([plain(cell) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - screen.width
    cuttable = [place for place, name in enumerate(columns) if name not in uncut]
    for place in sorted(cuttable, key=widths.__getitem__, reverse=True):
        cut = max(min(excess, widths[place] - _NARROWEST), 0)
        widths[place] -= cut
        excess -= cut
    for number, row in enumerate(cells):
        line = _GAP.join(map(_fitted, row, widths)).rstrip()
        screen.print(line, style="" if number else "bold", no_wrap=True, overflow="crop")


def _fitted(cell: str, width: int) -> str:
    if cell_len(cell) <= width:
        return set_cell_size(cell, width)
    return f"{set_cell_size(cell, width - 1)}…"


def plain(text: str) -> str:
    """Return text without anything that moves a terminal's cursor or changes its colours."""
    return "".join(each if each.isprintable() else "\N{MIDDLE DOT}" for each in text)


def answer_of(attempt: Attempt, *, limit: int = 120) -> str:
    """Say in one line how an attempt ended: status or error, time, the beginning of the answer."""
    took = f"{attempt.latency_ms:.0f} ms"
    if attempt.status is None:
        return plain(f"no answer in {took}: {attempt.error}")
    first_line = attempt.response_body.strip().partition("\n")[0]
    shown = first_line if len(first_line) <= limit else f"{first_line[:limit]}…"
    return plain(f"{attempt.status} in {took}" + (f": {shown}" if shown else ""))


def time_of(ms: float) -> str:
    """Write a time in milliseconds as people read it, in UTC."""
    return f"{_moment(ms):%Y-%m-%d %H:%M:%S}"


def short_time_of(ms: float) -> str:
    """Write a time in milliseconds in a few characters, in UTC."""
    return f"{_moment(ms):%m-%d %H:%M:%S}"


def _moment(ms: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def payload_of(message: Message) -> Any:
    """Return a message's body, decoded; as text when it is no JSON."""
    try:
        return orjson.loads(message.payload)
    except orjson.JSONDecodeError:
        return message.payload


def message_json(message: Message) -> dict[str, Any]:
    """Return what a line of JSON says of a message."""
    return {
        "message_id": message.id,
        "seq": message.seq,
        "event_type": message.event_type,
        "object_id": message.object_id,
        "timestamp": message.timestamp,
        "status": message.status,
    }


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """Return what a line of JSON says of an attempt."""
    return {
        "attempt_id": attempt.id,
        "message_id": attempt.message_id,
        "endpoint_id": attempt.endpoint_id,
        "url": attempt.url,
        "number": attempt.number,
        "trigger": attempt.trigger,
        "timestamp": attempt.timestamp,
        "started_at": attempt.started_at,
        "latency_ms": attempt.latency_ms,
        "status": attempt.status,
        "error": attempt.error,
        "acknowledged": attempt.acknowledged,
        "request_headers": dict(attempt.request_headers),
        "response_headers": dict(attempt.response_headers),
        "response_body": attempt.response_body,
        "next_attempt_at": attempt.next_attempt_at,
    }


def as_json(row: Mapping[str, Any]) -> None:
    """Print a line of JSON."""
    click.echo(orjson.dumps(row).decode())
