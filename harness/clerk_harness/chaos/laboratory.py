"""Chaos for a pytest suite: inflict a fault on a deployment, and let the oracle judge."""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from clerk_harness.chaos.catalogue import FAULTS
from clerk_harness.chaos.experiment import inflict
from clerk_harness.chaos.traffic import Traffic
from clerk_harness.checks import settle
from clerk_harness.errors import ConfigurationError
from clerk_harness.ledger import Ledger
from clerk_harness.target import Deployment

__all__ = ["DidNotBiteError", "Laboratory"]


class DidNotBiteError(AssertionError):
    """A fault did no harm, so a test that goes on would prove nothing."""


class Laboratory:
    """Faults, traffic and verdicts around one deployment.

    Attributes:
        ledger: What was emitted, delivered and seen so far.
    """

    def __init__(self, deployment: Deployment, *, seed: int) -> None:
        self._deployment = deployment
        self._rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.ledger = Ledger(deployment.clerk)

    @contextmanager
    def inflict(self, name: str) -> Iterator[None]:
        """Run the body with a fault on; it heals afterwards, whatever happened.

        Args:
            name: ``Postgres``, ``Redis`` or ``the worker``.

        Raises:
            ConfigurationError: There is no such fault.
            DidNotBiteError: It did no harm.
        """
        if name not in FAULTS:
            raise ConfigurationError(
                f"there is no fault {name!r}", f"choose among {', '.join(FAULTS)}"
            )
        with inflict(FAULTS[name], self._deployment, self.ledger) as bite:
            yield
        if not bite.felt:
            raise DidNotBiteError(f"killing {name} did no harm")

    def traffic(self, *, rate: float = 20) -> Traffic:
        """Make users change in Clerk at a steady rate, for the length of a ``with`` block."""
        return Traffic(
            self._deployment.clerk,
            self._deployment.probe,
            self.ledger,
            rng=self._rng,
            label=secrets.token_hex(4),
            rate=rate,
        )

    def assert_books_balance(self, *, within: float = 30) -> None:
        """Assert that nothing was lost, invented or applied twice, once things have settled.

        Args:
            within: How long to wait for that, in seconds.
        """
        deployment = self._deployment
        found = settle(deployment.clerk, self.ledger, deployment.probe, within=within)
        wrong = [
            f"{each.oracle} {each.claim}: {each.observed}"
            for each in found
            if each.verdict != "pass"
        ]
        if wrong:
            raise AssertionError("\n".join(wrong))
