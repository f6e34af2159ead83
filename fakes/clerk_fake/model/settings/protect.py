"""``/v1/instance/protect``."""

from dataclasses import asdict, dataclass

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.settings.entity import change_settings, settings_of
from clerk_fake.model.unset import UNSET, Unset, applied

__all__ = ["ProtectChange", "change_protect", "protect_resource"]


@dataclass(frozen=True, slots=True)
class ProtectChange:
    """What ``PATCH /v1/instance/protect`` takes."""

    rules_enabled: bool | Unset = UNSET
    specter_enabled: bool | Unset = UNSET


def change_protect(instance: Instance, change: ProtectChange) -> None:
    """Apply ``change``."""
    change_settings(instance, protect=applied(settings_of(instance).protect, change))


def protect_resource(instance: Instance) -> JsonObject:
    """Return what protects the instance, as Clerk writes it."""
    return {"object": "instance_protect", **asdict(settings_of(instance).protect)}
