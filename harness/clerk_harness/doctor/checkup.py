"""Ask every question, whatever the ones before have found."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from clerk_harness.doctor import backing, clerk, machine, service
from clerk_harness.doctor.patient import Patient
from clerk_harness.errors import NotDeclaredError

__all__ = ["CHECKS", "Finding", "examine"]

CHECKS: Mapping[str, Callable[[Patient], str]] = {
    "Environment": machine.check_environment,
    "Keys": clerk.check_keys,
    "Database": backing.check_database,
    "Redis": backing.check_redis,
    "Celery round trip": service.check_background,
    "Migrations": service.check_migrations,
    "Webhook signature round trip": service.check_webhook,
    "Token round trip": service.check_token,
    "Clerk API reachability": clerk.check_api,
    "State machine": service.check_states,
}


@dataclass(frozen=True)
class Finding:
    """The answer to one question.

    Attributes:
        applies: False where the target declares that it has no such thing.
        told: What was seen, or what is wrong.
        took_s: How long it took, in seconds.
    """

    question: str
    healthy: bool
    told: str
    took_s: float
    applies: bool = True


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield one finding per check; a check that breaks is a finding too."""
    for question, check in CHECKS.items():
        started = time.monotonic()
        applies, healthy = True, False
        try:
            told, healthy = check(patient), True
        except NotDeclaredError as absent:
            told, applies = absent.cause, False
        except Exception as problem:  # noqa: BLE001 - a doctor reports, whatever it is
            told = f"{problem}" or type(problem).__name__
        yield Finding(question, healthy, told, time.monotonic() - started, applies)
