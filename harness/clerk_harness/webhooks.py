"""Deliver an instance's webhooks to the code under test, and wait for what came of it."""

import contextlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from clerk_harness.clerk import Attempt, ClerkInstance, ClerkUser, Message
from clerk_harness.serving import serve
from clerk_harness.waiting import WaitTimeoutError, eventually

__all__ = ["DeliveryFailedError", "Webhooks"]


class DeliveryFailedError(AssertionError):
    """A webhook was not acknowledged in time; the message shows every attempt."""


class Webhooks:
    """The webhooks of one instance, on their way to one receiver.

    Args:
        clerk: Whose events are delivered.
    """

    def __init__(self, clerk: ClerkInstance) -> None:
        self._clerk = clerk
        self._serving = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving apps."""
        self._serving.close()

    def deliver_to(
        self,
        receiver: str | Callable[..., Any],
        path: str = "/webhooks/clerk",
        *,
        events: Sequence[str] | None = None,
    ) -> str:
        """Deliver everything that is emitted from now on.

        Args:
            receiver: A URL, or an ASGI or WSGI app, which is then served on a loopback port.
            path: Path of the app's webhook route; not used with a URL.
            events: Only these event types; all when left out.

        Returns:
            The URL that is delivered to.
        """
        if isinstance(receiver, str):
            url = receiver
        else:
            url = self._serving.enter_context(serve(receiver)) + path
        self._clerk.endpoints.add(url, event_types=events)
        return url

    def wait_for(
        self, event_type: str, user: ClerkUser | str | None = None, *, within: float = 5
    ) -> Message:
        """Wait until such an event was acknowledged with 2xx, and return it.

        Args:
            event_type: Such as ``user.created``.
            user: Of this user (or any object's id); of anybody when left out.
            within: Limit in seconds.

        Raises:
            DeliveryFailedError: It was not; shows what was attempted and answered.
        """
        __tracebackhide__ = True
        object_id = user.id if isinstance(user, ClerkUser) else user

        def acknowledged() -> Message | None:
            done = {attempt.message_id for attempt in self.attempts if attempt.acknowledged}
            wanted = (each for each in self.messages if each.event_type == event_type)
            return next(
                (
                    each
                    for each in wanted
                    if each.id in done and object_id in (None, each.object_id)
                ),
                None,
            )

        try:
            return eventually(acknowledged, within=within)
        except WaitTimeoutError:
            raise DeliveryFailedError(self._story_of(event_type, object_id, within)) from None

    def settle(self, *, within: float = 10) -> None:
        """Wait until nothing is left to deliver.

        Raises:
            WaitTimeoutError: Something is.
        """
        eventually(
            lambda: self._clerk.messages.pending() == 0,
            within=within,
            describe="end of all deliveries",
        )

    def resend(self, message: Message) -> None:
        """Deliver a message again: same id, same body, signed anew."""
        self._clerk.messages.resend(message.id)

    @property
    def messages(self) -> list[Message]:
        """Everything emitted so far, in the order of commits."""
        return list(self._clerk.messages.emitted())

    @property
    def attempts(self) -> list[Attempt]:
        """Every attempt so far, in the order in which they ended."""
        return list(self._clerk.messages.attempts())

    def _story_of(self, event_type: str, object_id: str | None, within: float) -> str:
        told = event_type if object_id is None else f"{event_type} of {object_id}"
        wanted = {
            each.id
            for each in self.messages
            if each.event_type == event_type and object_id in (None, each.object_id)
        }
        tried = [
            f"attempt {each.number} at {each.url}: {_outcome(each)}"
            for each in self.attempts
            if each.message_id in wanted
        ]
        if not wanted:
            emitted = sorted({each.event_type for each in self.messages}) or ["nothing"]
            return f"no {told} was emitted within {within:g} s, only {', '.join(emitted)}"
        happened = "; ".join(tried) or self._why_untried()
        return f"{told} was not acknowledged within {within:g} s: {happened}"

    def _why_untried(self) -> str:
        urls = self._clerk.endpoints.urls()
        if not urls:
            return "there is no endpoint; call clerk_webhooks.deliver_to(...) before the change"
        return f"no attempt has ended; {', '.join(urls)} has not answered yet"


def _outcome(attempt: Attempt) -> str:
    if attempt.status is None:
        return attempt.error or "no answer"
    first_line = attempt.response_body.strip().partition("\n")[0][:200]
    return f"{attempt.status} {first_line}".rstrip()
