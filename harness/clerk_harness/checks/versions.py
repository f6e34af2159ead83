"""O4: the applied version of a user never falls."""

from collections.abc import Iterable, Iterator

from clerk_harness.checks.finding import Breach, Finding, judge_law
from clerk_harness.checks.observation import Observation
from clerk_harness.ledger import Sighting

__all__ = ["check_versions"]


def check_versions(seen: Observation) -> Finding | None:
    """Follow each user's version through the run; None when the service never told one.

    Two witnesses: versions that the harness saw through the probe, and the order in which the
    service says that it applied messages.
    """
    applied = list(_applied(seen))
    if not seen.sightings and not applied:
        return None
    return judge_law(
        "O4",
        "The version of a user never falls",
        seen,
        breaches=[*_falls(seen.sightings, "seen"), *_falls(applied, "applied")],
        held=f"none fell in {len(seen.sightings)} sightings and {len(applied)} applications",
    )


def _applied(seen: Observation) -> Iterator[Sighting]:
    messages = {message.id: message for message in seen.emitted}
    entries = [entry for entry in seen.inbox or () if entry.state == "applied"]
    timed = [(entry.applied_at, entry) for entry in entries if entry.applied_at is not None]
    for _, entry in sorted(timed, key=lambda pair: pair[0]):
        message = messages.get(entry.svix_id)
        is_user = message is not None and message.event_type.startswith("user.")
        if message is not None and is_user and message.version is not None:
            yield Sighting(message.object_id, message.version)


def _falls(sightings: Iterable[Sighting], verb: str) -> Iterator[Breach]:
    highest: dict[str, int] = {}
    for sighting in sightings:
        before = highest.get(sighting.clerk_id, sighting.version)
        if sighting.version < before:
            says = f"{sighting.clerk_id} was {verb} at {sighting.version} after {before}"
            yield Breach(sighting.clerk_id, says)
        highest[sighting.clerk_id] = max(before, sighting.version)
