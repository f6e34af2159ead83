"""What a load measured: ``load.json`` and ``deliveries.jsonl``."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from clerk_load.arrivals import NOT_SENT, STOPPED, Arrival
from clerk_load.histogram import Histogram
from clerk_load.plan import Plan
from clerk_load.thresholds import Bite, Judgement, judge, reached

__all__ = ["FILES", "LoadResult", "LocustCounts"]

SUCCESS = range(200, 300)
MS = 1000.0
FILES = ("deliveries.jsonl", "load.json")


@dataclass(frozen=True, slots=True)
class LocustCounts:
    """What Locust's own statistics say."""

    num_requests: int
    num_failures: int


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A load and what is to be thought of it."""

    plan: Plan
    arrivals: tuple[Arrival, ...]
    locust: LocustCounts
    bite: Bite
    judgement: Judgement

    @classmethod
    def of(cls, plan: Plan, arrivals: Iterable[Arrival], locust: LocustCounts) -> "LoadResult":
        """Measure and judge; ``arrivals`` holds every planned message once, in any order."""
        ordered = tuple(sorted(arrivals, key=lambda arrival: arrival.index))
        unproven = sum(arrival.outcome.error in {NOT_SENT, STOPPED} for arrival in ordered)
        acked = sum(arrival.outcome.status in SUCCESS for arrival in ordered)
        bite = reached(
            planned=plan.rate,
            achieved=_rate(plan, ordered),
            lateness_p99_ms=_lateness(ordered).percentile(99),
            unproven=unproven,
            held_back=sum(arrival.late for arrival in ordered),
        )
        judgement = judge(
            plan.thresholds,
            bite,
            planned=len(plan.messages),
            failed=len(ordered) - unproven - acked,
            ack_p95_ms=_ack(ordered).percentile(95),
        )
        return cls(plan, ordered, locust, bite, judgement)

    def document(self) -> dict[str, Any]:
        """Everything of ``load.json``; times are unix seconds, latencies ms."""
        outcomes = [arrival.outcome for arrival in self.arrivals]
        statuses = Counter(o.status for o in outcomes if o.status is not None)
        errors = Counter(o.error for o in outcomes if o.error is not None)
        acked = sum(count for status, count in statuses.items() if status in SUCCESS)
        ends = [a.ended_at for a in self.arrivals if a.ended_at is not None]
        first_due = min(arrival.due_at for arrival in self.arrivals)
        return {
            "verdict": self.judgement.verdict,
            "verdict_why": self.judgement.why,
            "planned": len(self.plan.messages),
            "sent": sum(arrival.sent_at is not None for arrival in self.arrivals),
            "acked": acked,
            "refused": {
                str(status): count
                for status, count in sorted(statuses.items())
                if status not in SUCCESS
            },
            "errors": dict(sorted(errors.items())),
            "held_back": sum(arrival.late for arrival in self.arrivals),
            "rate_planned": self.plan.rate,
            "rate_achieved": round(_rate(self.plan, self.arrivals), 3),
            "lateness_ms": _lateness(self.arrivals).figures(50, 99),
            "ack_ms": _ack(self.arrivals).figures(50, 95, 99),
            "service_ms": _service(self.arrivals).figures(50, 95, 99),
            "success_ratio": acked / len(self.plan.messages),
            "started_at": first_due,
            "ended_at": max(ends, default=first_due),
            "bit": self.bite.bit,
            "why": self.bite.why,
            "thresholds": asdict(self.plan.thresholds),
            "seed": self.plan.seed,
            "arrivals": self.plan.arrivals,
            "locust": asdict(self.locust),
        }

    def write(self, folder: Path) -> None:
        """Write both files, each atomically, ``load.json`` last.

        Raises:
            OSError: The folder cannot be written.
        """
        lines = (orjson.dumps(self._line(arrival)) + b"\n" for arrival in self.arrivals)
        deliveries, load = FILES
        _put(folder / deliveries, b"".join(lines))
        _put(folder / load, orjson.dumps(self.document(), option=orjson.OPT_INDENT_2))

    def _line(self, arrival: Arrival) -> dict[str, Any]:
        answered = arrival.outcome.status is not None
        return {
            "id": self.plan.messages[arrival.index].id,
            "due_at": arrival.due_at,
            "sent_at": arrival.sent_at,
            "answered_at": arrival.ended_at if answered else None,
            "status": arrival.outcome.status,
            "error": arrival.outcome.error,
            "late": arrival.late,
        }


def _put(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)


def _rate(plan: Plan, arrivals: Sequence[Arrival]) -> float:
    """Sends per second, from the first intended to the last actual start and one gap more."""
    sends = [arrival.sent_at for arrival in arrivals if arrival.sent_at is not None]
    if not sends:
        return 0.0
    return len(sends) / (max(sends) - min(a.due_at for a in arrivals) + 1 / plan.rate)


def _lateness(arrivals: Iterable[Arrival]) -> Histogram:
    return Histogram.of((a.sent_at - a.due_at) * MS for a in arrivals if a.sent_at is not None)


def _ack(arrivals: Iterable[Arrival]) -> Histogram:
    """From the intended start to the acknowledgement."""
    return Histogram.of(
        (a.ended_at - a.due_at) * MS
        for a in arrivals
        if a.outcome.status in SUCCESS and a.ended_at is not None
    )


def _service(arrivals: Iterable[Arrival]) -> Histogram:
    """From the actual send to the acknowledgement."""
    return Histogram.of(
        (a.ended_at - a.sent_at) * MS
        for a in arrivals
        if a.outcome.status in SUCCESS and a.ended_at is not None and a.sent_at is not None
    )
