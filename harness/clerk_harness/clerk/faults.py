"""What goes wrong between a service and Clerk's API, for the length of a ``with`` block."""

from contextlib import AbstractContextManager
from typing import Literal, TypedDict, Unpack

from clerk_harness.clerk.inflicted import ActiveFault, inflicted
from clerk_harness.clerk.wire import Wire

__all__ = ["Faults", "Where"]


class Where(TypedDict, total=False):
    """Whom a fault strikes; everybody and always, as far as nothing is said.

    Attributes:
        method: Such as ``GET``.
        path: ``/v1/users/{user_id}`` (one segment) or ``/v1/users/*`` (any characters).
        probability: Of each matched request, 0 to 1.
        burst: Once it strikes, it strikes so many matched requests in a row.
        times: So many requests in all.
        duration_s: Seconds on the instance's clock.
        seed: Repeats what is drawn.
        may_miss: Whether it is fine when nothing was struck at all.
    """

    method: str
    path: str
    probability: float
    burst: int
    times: int
    duration_s: float
    seed: int
    may_miss: bool


class Faults:
    """The faults of one instance; each method returns a context manager that always heals.

    On the way out it raises ``DidNotStrikeError`` when nothing was struck, unless
    ``may_miss=True``. Deliveries of webhooks (``DeliveryFaults``) and the control plane are never
    struck.
    """

    def __init__(self, control: Wire) -> None:
        self._control = control

    def latency(
        self, delay_s: float, *, jitter_s: float = 0, **where: Unpack[Where]
    ) -> AbstractContextManager[ActiveFault]:
        """Answer after ``delay_s`` seconds, ± up to ``jitter_s``."""
        return self._inflict("latency", where, delay_s=delay_s, jitter_s=jitter_s)

    def timeout(
        self, *, applied: bool = False, **where: Unpack[Where]
    ) -> AbstractContextManager[ActiveFault]:
        """Accept and never answer; ``applied``: although what was asked is done."""
        return self._inflict("timeout", where, applied=applied)

    def connection_reset(
        self, *, head: bool = True, body_share: float = 0.5, **where: Unpack[Where]
    ) -> AbstractContextManager[ActiveFault]:
        """Do what is asked, send ``head`` and a share of the body, then break off."""
        return self._inflict("connection_reset", where, head=head, body_share=body_share)

    def rate_limit(
        self, *, retry_after_s: int = 10, **where: Unpack[Where]
    ) -> AbstractContextManager[ActiveFault]:
        """Answer 429 with ``Retry-After``."""
        return self._inflict("rate_limit", where, retry_after_s=retry_after_s)

    def server_error(
        self,
        status: int = 503,
        *,
        speaker: Literal["clerk", "gateway"] = "clerk",
        applied: bool = False,
        **where: Unpack[Where],
    ) -> AbstractContextManager[ActiveFault]:
        """Answer 5xx, as Clerk or with the HTML of a gateway; ``applied``: but do what is asked."""
        return self._inflict("server_error", where, status=status, speaker=speaker, applied=applied)

    def stale_reads(
        self, delay_s: float, **where: Unpack[Where]
    ) -> AbstractContextManager[ActiveFault]:
        """Answer GETs with what was known ``delay_s`` seconds ago on the instance's clock."""
        return self._inflict("stale_reads", where, delay_s=delay_s)

    def jwks_outage(
        self, status: int = 503, **where: Unpack[Where]
    ) -> AbstractContextManager[ActiveFault]:
        """Answer 5xx where public keys are fetched, and nowhere else."""
        return self._inflict("jwks_outage", where, status=status)

    def jwks_rotation(self, *, overlap_s: float = 300) -> AbstractContextManager[ActiveFault]:
        """Sign with a new key, and publish the old one for ``overlap_s`` of the instance's clock.

        The old key signs again afterwards.
        """
        return self._inflict("jwks_rotation", {}, overlap_s=overlap_s)

    def clock_skew(
        self, skew_s: int, **where: Unpack[Where]
    ) -> AbstractContextManager[ActiveFault]:
        """Issue session tokens by a clock that is ``skew_s`` ahead (negative: behind)."""
        return self._inflict("clock_skew", where, skew_s=skew_s)

    def heal_all(self) -> None:
        """End whatever is on."""
        self._control.call("DELETE", "/faults")

    def _inflict(
        self, kind: str, where: Where, **settings: object
    ) -> AbstractContextManager[ActiveFault]:
        may_miss = where.get("may_miss", False)
        conditions = {name: value for name, value in where.items() if name != "may_miss"}
        body = {"seam": "api", "kind": kind, **settings, **conditions}
        return inflicted(self._control, body, may_miss=may_miss)
