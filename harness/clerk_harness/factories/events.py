"""Events: signed deliveries for unit tests of a receiver, or emitted by the instance itself."""

from typing import Any

import orjson
from factory import random
from factory.declarations import LazyFunction

from clerk_harness.clerk import ClerkInstance, ClerkServer, Message
from clerk_harness.errors import ConfigurationError
from clerk_harness.factories.base import ClerkFactory
from clerk_harness.factories.deliveries import SignedDelivery
from clerk_harness.factories.stories import STORIES
from clerk_harness.forgery import delivery_headers

__all__ = ["EventFactory"]

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class EventFactory(ClerkFactory[Any]):
    """``build`` returns a :class:`SignedDelivery`, ``create`` lets the instance emit the event.

    The data is what the fake emits when such a thing happens; it happens in an instance beside
    ``clerk``, which stays as it is. ``data`` replaces parts of it; it must be whole for types
    without a story. ``secret`` and ``signed_at`` (Unix seconds) sign otherwise than ``clerk`` does.
    """

    class Meta:
        """What it makes."""

        model = SignedDelivery

    type = "user.created"
    data = LazyFunction(dict)
    message_id = LazyFunction(lambda: "msg_" + "".join(random.randgen.choices(BASE62, k=27)))
    secret: Any = None
    signed_at: Any = None

    @classmethod
    def create_batch(cls, size: int, **kwargs: Any) -> list[Message]:
        """Emit ``size`` events, one after the other."""
        return [cls.create(**kwargs) for _ in range(size)]

    @classmethod
    def _build(cls, model_class: Any, *args: Any, **kwargs: Any) -> SignedDelivery:
        del model_class, args
        clerk = cls._bound(kwargs["clerk"])
        envelope = _happened(clerk, kwargs["type"], kwargs["data"])
        body = orjson.dumps(envelope)
        secret = kwargs["secret"] or clerk.keys.webhook_secret
        at = kwargs["signed_at"]
        headers = delivery_headers(secret, kwargs["message_id"], body, at=at)
        return SignedDelivery({**headers, "content-type": "application/json"}, body)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Message:
        del model_class, args
        clerk = cls._bound(kwargs["clerk"])
        return clerk.messages.trigger(
            kwargs["type"], _happened(clerk, kwargs["type"], kwargs["data"])["data"]
        )


def _happened(clerk: ClerkInstance, event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the envelope of an event of this type, as if ``clerk`` had emitted it."""
    story = STORIES.get(event_type)
    if story is None and not data:
        raise ConfigurationError(
            f"nothing is known to bring about {event_type}",
            f"give its whole data=…, or take one of {', '.join(STORIES)}",
        )
    server = ClerkServer(clerk.server_url)
    beside = server.new_instance(seed=random.randgen.getrandbits(48))
    try:
        if story is None:
            beside.messages.trigger(event_type, data)
        else:
            story(beside)
        *_, told = (each for each in beside.messages.emitted() if each.event_type == event_type)
    finally:
        beside.remove()
        server.close()
    envelope: dict[str, Any] = orjson.loads(told.payload)
    envelope["instance_id"] = clerk.keys.instance_id
    envelope["data"] |= data
    return envelope
