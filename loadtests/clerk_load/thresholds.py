"""What a load proves: met, violated, or nothing because it never was the load that was planned."""

from dataclasses import dataclass
from typing import Literal

from clerk_load.plan import Thresholds

__all__ = ["Bite", "Judgement", "judge", "reached"]

LEAST_SHARE_OF_RATE = 0.95
# Later than this and the arrivals come in bursts that nobody planned.
MOST_LATENESS_MS = 100.0

EXIT_CODES: dict["LoadVerdict", int] = {"pass": 0, "fail": 1, "unknown": 2}
LoadVerdict = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True, slots=True)
class Bite:
    """Whether the load was the one planned, and why it is thought so."""

    bit: bool
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of a load and the sentence behind it."""

    verdict: LoadVerdict
    why: str

    @property
    def exit_code(self) -> int:
        """0 met, 1 violated, 2 unknown."""
        return EXIT_CODES[self.verdict]


def reached(
    *, planned: float, achieved: float, lateness_p99_ms: float | None, unproven: int, held_back: int
) -> Bite:
    """Whether the planned rate was reached.

    Args:
        planned: Arrivals per second.
        achieved: Sends per second that really happened.
        lateness_p99_ms: Of the actual behind the intended starts.
        unproven: Messages that never went out, or that the end of the run cut short.
        held_back: Messages that waited for one in flight to end.
    """
    cause = f" ({held_back} waited for max_in_flight)" if held_back else ""
    if unproven:
        return Bite(False, f"{unproven} messages were never sent or cut short{cause}")
    if achieved < LEAST_SHARE_OF_RATE * planned:
        return Bite(False, f"sent {achieved:.1f}/s of {planned:g}/s{cause}")
    if lateness_p99_ms is None:
        return Bite(False, "nothing was sent")
    if lateness_p99_ms > MOST_LATENESS_MS:
        return Bite(False, f"sends were late, p99 {lateness_p99_ms:.1f} ms{cause}")
    return Bite(
        True,
        f"sent {achieved:.1f}/s of {planned:g}/s, lateness p99 {lateness_p99_ms:.1f} ms",
    )


def judge(
    thresholds: Thresholds, bite: Bite, *, planned: int, failed: int, ack_p95_ms: float | None
) -> Judgement:
    """Judge a load.

    A success ratio that is missed is missed, also by a load weaker than planned. Everything else
    can only be told of a load that reached its rate.

    Args:
        thresholds: What the service must keep.
        bite: Whether this was the load that was planned.
        planned: Messages in the plan.
        failed: Messages that the service had its time for and did not acknowledge.
        ack_p95_ms: 95th percentile of the acknowledgements; ``None`` without any.
    """
    ratio = (planned - failed) / planned
    if ratio < thresholds.success_ratio:
        return Judgement(
            "fail",
            f"{failed} of {planned} were not acknowledged:"
            f" success {ratio:.4f}, wanted {thresholds.success_ratio:g}",
        )
    if not bite.bit:
        return Judgement("unknown", f"the load did not reach its rate: {bite.why}")
    if ack_p95_ms is None or ack_p95_ms >= thresholds.ack_p95_ms:
        return Judgement(
            "fail",
            f"acknowledgement p95 {_shown(ack_p95_ms)}, wanted < {thresholds.ack_p95_ms:g} ms",
        )
    return Judgement("pass", f"success {ratio:.4f}, acknowledgement p95 {ack_p95_ms:.1f} ms")


def _shown(milliseconds: float | None) -> str:
    return "none" if milliseconds is None else f"{milliseconds:.1f} ms"
