"""O5: a side effect happens at most once per message."""

from collections import Counter

from clerk_harness.checks.finding import Breach, Finding, judge_law
from clerk_harness.checks.observation import Observation

__all__ = ["check_effects"]


def check_effects(seen: Observation) -> Finding | None:
    """Count side effects per message and kind; None when the service cannot list them."""
    if seen.effects is None:
        return None
    times = Counter((effect.svix_id, effect.kind) for effect in seen.effects)
    return judge_law(
        "O5",
        "A side effect happens at most once per message",
        seen,
        breaches=(
            Breach(svix_id, f"{kind} of {svix_id} happened {n} times")
            for (svix_id, kind), n in times.items()
            if n > 1
        ),
        held=f"side effects, each once: {len(times)}",
    )
