"""Trusted devices: telephones that a user has enrolled to sign in with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.users.entity import User
from clerk_fake.state import Noun

__all__ = [
    "TRUSTED_DEVICES",
    "Platform",
    "TrustedDevice",
    "TrustedDeviceDraft",
    "active_trusted_devices",
    "enrol_trusted_device",
    "forget_trusted_devices_of",
    "revoke_trusted_device",
]


class Platform(StrEnum):
    """What a device runs."""

    IOS = "ios"
    ANDROID = "android"


@dataclass(frozen=True, slots=True)
class TrustedDevice:
    """A device; times are Unix ms, names those of Clerk's API."""

    id: str
    created_at: int
    updated_at: int
    user_id: str
    platform: Platform
    app_identifier: str
    name: str | None = None
    last_used_at: int | None = None
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedDeviceDraft:
    """A device, as a test wants it."""

    platform: Platform = Platform.IOS
    app_identifier: str = "com.example.app"
    name: str | None = None


def _resource(_instance: Instance, device: TrustedDevice) -> JsonObject:
    return {
        "object": "trusted_device",
        "id": device.id,
        "platform": device.platform.value,
        "app_identifier": device.app_identifier,
        "name": device.name,
        "algorithm": "ES256",
        "status": "active" if device.revoked_at is None else "revoked",
        "created_at": device.created_at,
        "updated_at": device.updated_at,
        "last_used_at": device.last_used_at,
        "revoked_at": device.revoked_at,
    }


TRUSTED_DEVICES: Final = Kind(
    Noun("trusted_devices", TrustedDevice, {"user_id": lambda device: (device.user_id,)}),
    what="trusted device",
    prefix="tdev",
    wire_name="trusted_device",
    resource=_resource,
)


def enrol_trusted_device(
    instance: Instance, user: User, draft: TrustedDeviceDraft, origin: Origin
) -> TrustedDevice:
    """Give a user a device."""
    now = instance.clock.now_ms()
    device = TrustedDevice(
        id=TRUSTED_DEVICES.new_id(instance),
        created_at=now,
        updated_at=now,
        user_id=user.id,
        platform=draft.platform,
        app_identifier=draft.app_identifier,
        name=draft.name,
    )
    return TRUSTED_DEVICES.add(instance, device, origin)


def active_trusted_devices(instance: Instance, user: User) -> list[TrustedDevice]:
    """Return a user's devices that were not revoked, the newest first."""
    devices = reversed(TRUSTED_DEVICES.table(instance).find("user_id", user.id))
    return [device for device in devices if device.revoked_at is None]


def revoke_trusted_device(
    instance: Instance, user: User, device_id: str, origin: Origin
) -> TrustedDevice:
    """Trust a device no longer.

    Raises:
        ApiError: 404, the user has no such device, or it was revoked before.
    """
    for device in active_trusted_devices(instance, user):
        if device.id == device_id:
            now = instance.clock.now_ms()
            return TRUSTED_DEVICES.change(instance, device, origin, revoked_at=now)
    raise ApiError.not_found(TRUSTED_DEVICES.what, device_id)


def forget_trusted_devices_of(instance: Instance, user: User) -> None:
    """Drop the devices of a deleted user."""
    table = TRUSTED_DEVICES.table(instance)
    for device in table.find("user_id", user.id):
        table.remove(device)
