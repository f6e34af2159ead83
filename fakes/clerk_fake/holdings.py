"""What a server holds when it starts: a new instance, or everything that its state file holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from clerk_fake.errors import StartError
from clerk_fake.faults.board import Faults
from clerk_fake.identities import InstanceRequest
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.settings import ServerSettings
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.webhooks.sender import Sender

if TYPE_CHECKING:
    from clerk_fake.persistence.journal import Journal

__all__ = ["Handles", "Holdings", "hold", "settle"]

Handles: TypeAlias = Mapping[str, Mapping[str, str]]
"""Section of a seed file → handle → id."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything behind the faces.

    Attributes:
        instances: All of the server.
        first: The one that the ready line tells of.
        fresh: Whether that was made just now.
        shared_key: Signs for all of them.
        journal: Writes their changes down; ``None`` when they are kept in memory only.
    """

    instances: Instances
    first: Instance
    fresh: bool
    shared_key: SharedKey
    journal: "Journal | None"


def hold(settings: ServerSettings, sender: Sender, base_url: str) -> Holdings:
    """Return what ``settings`` ask for, a new instance not committed yet; needs the event loop.

    Args:
        settings: Of the server.
        sender: Its HTTP client for webhooks.
        base_url: Where it is reached, without a slash at the end.

    Raises:
        StartError: The state file cannot be used, or has other keys than those that are asked for.
        ApiError: A key is malformed.
    """
    if settings.state_file is None:
        shared_key = SharedKey()
        instances = Instances(
            shared_key=shared_key,
            sender=sender,
            base_url=base_url,
            live_keys=settings.allow_live_keys,
        )
        first, fresh = _first(instances, settings)
        return Holdings(instances, first, fresh, shared_key, journal=None)
    return _revived(settings, settings.state_file, sender, base_url)


def settle(
    holdings: Holdings, settings: ServerSettings, faults: Faults, base_url: str
) -> Handles | None:
    """Sow the seed file into a new first instance, and commit that.

    Returns:
        The ids of the handles of the seed file, by section; ``None`` when nothing was sown.

    Raises:
        SeedFileError: The seed file cannot be used; nothing of the instance is kept then.
        StateError: The state file cannot be written.
    """
    journal = holdings.journal
    try:
        handles = None
        if settings.seed_file is not None and holdings.fresh:
            from clerk_fake.seeding.file import sow_file  # noqa: PLC0415 - enters every room
            from clerk_fake.seeding.operations import Operator  # noqa: PLC0415 - the same

            operator = Operator(holdings.instances, faults, base_url)
            handles = sow_file(settings.seed_file, operator, holdings.first)
        if journal is not None:
            journal.commit()
    except BaseException:
        if journal is not None:
            journal.abandon()
        raise
    return handles


def _revived(settings: ServerSettings, path: Path, sender: Sender, base_url: str) -> Holdings:
    # Late: without a state file nobody waits for SQLite.
    from clerk_fake.persistence.file import StateFile  # noqa: PLC0415
    from clerk_fake.persistence.journal import Journal  # noqa: PLC0415
    from clerk_fake.persistence.keys import read_signing_key  # noqa: PLC0415
    from clerk_fake.persistence.reviving import revive  # noqa: PLC0415

    file = StateFile.open(path)
    try:
        shared_key = read_signing_key(file)
        instances = Instances(
            shared_key=shared_key,
            sender=sender,
            base_url=base_url,
            live_keys=settings.allow_live_keys,
        )
        journal = Journal(file, shared_key)
        revive(file, instances, journal)
        _check_live_keys(instances, settings)
        instances.register = journal
        first, fresh = _first(instances, settings)
    except BaseException:
        file.close()
        raise
    return Holdings(instances, first, fresh, shared_key, journal)


def _check_live_keys(instances: Instances, settings: ServerSettings) -> None:
    live = [instance.id for instance in instances if instance.identity.production]
    if live and not settings.allow_live_keys:
        raise StartError(
            f"{settings.state_file} holds {live[0]} with a live secret key: "
            "start with --allow-live-keys, or give --state another file"
        )


def _first(instances: Instances, settings: ServerSettings) -> tuple[Instance, bool]:
    if settings.secret_key is None:
        known = next(iter(instances), None)
    else:
        known = instances.by_secret_key(settings.secret_key)
    if known is None:
        request = InstanceRequest(
            secret_key=settings.secret_key,
            webhook_secret=settings.webhook_secret,
            limits=lambda usual: usual if settings.limits else None,
        )
        return instances.create(request), True
    if settings.webhook_secret not in {None, known.identity.webhook_secret}:
        raise StartError(
            f"{settings.state_file} holds {known.id} with another webhook secret: "
            "leave out --webhook-secret, or give --state another file"
        )
    return known, False
