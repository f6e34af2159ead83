"""Have everything again that a file holds."""

from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import orjson

from clerk_fake.clock import ClockSetting
from clerk_fake.codec import read_value
from clerk_fake.errors import ApiError, StartError
from clerk_fake.events.log import Event
from clerk_fake.instance import OPERATIONAL_KINDS, Instance
from clerk_fake.instances import Instances
from clerk_fake.limits.settings import Limits
from clerk_fake.model.nouns import NOUNS
from clerk_fake.persistence.file import StateFile
from clerk_fake.persistence.journal import Journal, Made
from clerk_fake.state import Noun
from clerk_fake.tokens.signing_key import KeyVersions
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.failures import FailingEndpoint
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.schedule import DeliverySchedule

__all__ = ["revive"]

NOUN_OF: Final[dict[str, Noun[Any]]] = {noun.name: noun for noun in NOUNS}
ROW_OF: Final[dict[str, Any]] = {
    "endpoints": Endpoint,
    "messages": Event,
    "deliveries": Delivery,
    "attempts": Attempt,
    "failures": FailingEndpoint,
}


def revive(file: StateFile, instances: Instances, journal: Journal) -> None:
    """Fill ``instances`` from the file, and let ``journal`` follow them.

    Raises:
        StartError: Another version of the fake wrote something that this one cannot read.
    """
    for number, body in file.instances():
        try:
            made = read_value(Made, orjson.loads(body), "instance")
            instance = instances.revive(made.identity, made.limits)
            _Refill(instance).run(file, number)
        except (ApiError, orjson.JSONDecodeError) as unreadable:
            raise _other_version(file.path, unreadable) from unreadable
        journal.follow(instance, number)
        for dispatcher in instance.dispatchers:
            dispatcher.resume()


class _Refill:
    """Puts records back where they were, in order of arrival."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._books: defaultdict[str, list[Any]] = defaultdict(list)

    def run(self, file: StateFile, number: int) -> None:
        for kind, key, body in file.records(number):
            self._take(kind, key, orjson.loads(body))
        self._fill(self._instance.outbox, "")
        if any(kind.startswith(OPERATIONAL_KINDS) for kind in self._books):
            self._fill(self._instance.operational.outbox, OPERATIONAL_KINDS)

    def _fill(self, outbox: Outbox, prefix: str) -> None:
        outbox.endpoints.replace_all(self._books[f"{prefix}endpoints"])
        outbox.log.replace(self._books[f"{prefix}messages"])
        outbox.deliveries.replace_all(self._books[f"{prefix}deliveries"])
        outbox.attempts.replace_all(self._books[f"{prefix}attempts"])
        outbox.failures.replace_all(self._books[f"{prefix}failures"])

    def _take(self, kind: str, key: str, body: Any) -> None:
        if kind in NOUN_OF:
            noun = NOUN_OF[kind]
            self._instance.state.of(noun).put(read_value(noun.entity, body, f"{kind}.{key}"))
        elif kind.removeprefix(OPERATIONAL_KINDS) in ROW_OF:
            row = ROW_OF[kind.removeprefix(OPERATIONAL_KINDS)]
            self._books[kind].append(read_value(row, body, f"{kind}.{key}"))
        else:
            self._set(kind, key, body)

    def _set(self, kind: str, key: str, body: Any) -> None:
        instance = self._instance
        match kind:
            case "schedule":
                instance.dispatcher.schedule = read_value(DeliverySchedule, body, kind)
            case "limits":
                instance.limit(None if body is None else read_value(Limits, body, kind))
            case "signing_key":
                instance.signing_key.restore(read_value(KeyVersions, body, kind))
            case "clock":
                instance.clock.restore(read_value(ClockSetting, body, kind))
            case "ids":
                self._resume_ids(key, read_value(int, body, kind))
            case _:
                raise ApiError.unknown_param(kind)

    def _resume_ids(self, stream: str, drawn: int) -> None:
        instance = self._instance
        for ids in (instance.ids, instance.attempt_ids, instance.operational_ids):
            if ids.stream == stream:
                ids.resume(drawn)


def _other_version(path: Path, unreadable: Exception) -> StartError:
    return StartError(
        f"{path} was written by another version of this fake ({unreadable}): delete the file, "
        "give --state another one, or start the version that wrote it"
    )
