"""``/v1/instance``, and the same settings as the beta operation has them."""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications import check_email_address
from clerk_fake.model.settings.entity import (
    Environment,
    change_settings,
    settings_of,
)
from clerk_fake.model.settings.restrictions import RestrictionsChange, change_restrictions
from clerk_fake.model.unset import UNSET, Unset, applied

__all__ = [
    "BetaChange",
    "InstanceChange",
    "beta_resource",
    "change_beta_settings",
    "change_instance",
    "environment_of",
    "instance_resource",
    "test_mode_of",
]

ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+")
LOCAL_PART: Final = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class InstanceChange:
    """What ``PATCH /v1/instance`` takes.

    Attributes:
        cookieless_dev: The old name of ``url_based_session_syncing``.
    """

    test_mode: bool | Unset = UNSET
    hibp: bool | Unset = UNSET
    support_email: str | Unset = UNSET
    clerk_js_version: str | Unset = UNSET
    development_origin: str | Unset = UNSET
    allowed_origins: tuple[str, ...] | Unset = UNSET
    cookieless_dev: bool | Unset = UNSET
    url_based_session_syncing: bool | Unset = UNSET
    preferred_sign_in_strategy_when_password_required: Literal["password", "otp", ""] | Unset = (
        UNSET
    )


@dataclass(frozen=True, slots=True)
class BetaChange:
    """What ``PATCH /v1/beta_features/instance_settings`` takes."""

    restricted_to_allowlist: bool | Unset = UNSET
    from_email_address: str | Unset = UNSET
    progressive_sign_up: bool | Unset = UNSET
    test_mode: bool | Unset = UNSET


def environment_of(instance: Instance) -> Environment:
    """Return what kind of instance it is: what was set, else what its secret key says."""
    production = instance.identity.production
    default = Environment.PRODUCTION if production else Environment.DEVELOPMENT
    return settings_of(instance).general.environment or default


def test_mode_of(instance: Instance) -> bool:
    """Tell whether test addresses and numbers take the fixed code."""
    chosen = settings_of(instance).general.test_mode
    return environment_of(instance) is Environment.DEVELOPMENT if chosen is None else chosen


def instance_resource(instance: Instance) -> JsonObject:
    """Return the instance as Clerk writes it."""
    return {
        "object": "instance",
        "id": instance.id,
        "environment_type": environment_of(instance),
        "allowed_origins": list(settings_of(instance).general.allowed_origins),
        "workspace_id": None,
    }


def change_instance(instance: Instance, change: InstanceChange) -> None:
    """Apply ``change``.

    Raises:
        ApiError: 422, an origin or the address of the support is malformed.
    """
    if not isinstance(change.support_email, Unset) and change.support_email:
        check_email_address(change.support_email, "support_email")
    if not isinstance(change.allowed_origins, Unset):
        for origin in change.allowed_origins:
            _check_origin(origin)
    general = applied(settings_of(instance).general, change)
    if not isinstance(change.cookieless_dev, Unset) and change.url_based_session_syncing is UNSET:
        general = replace(general, url_based_session_syncing=change.cookieless_dev)
    change_settings(instance, general=general)


def beta_resource(instance: Instance) -> JsonObject:
    """Return the settings as the beta operation writes them."""
    settings = settings_of(instance)
    return {
        "object": "instance_settings",
        "id": instance.id,
        "restricted_to_allowlist": settings.restrictions.allowlist,
        "from_email_address": settings.general.from_email_address,
        "progressive_sign_up": settings.general.progressive_sign_up,
        "enhanced_email_deliverability": False,
    }


def change_beta_settings(instance: Instance, change: BetaChange) -> None:
    """Apply ``change``; the allow-list is the one of the restrictions.

    Raises:
        ApiError: 422, the sender is no local part, or the allow-list cannot be switched on.
    """
    if change.from_email_address and not LOCAL_PART.fullmatch(str(change.from_email_address)):
        raise ApiError.bad_format("from_email_address", "a valid email address local part")
    change_restrictions(instance, RestrictionsChange(allowlist=change.restricted_to_allowlist))
    change_settings(instance, general=applied(settings_of(instance).general, change))


def _check_origin(origin: str) -> None:
    if not ORIGIN.fullmatch(origin):
        raise ApiError.of(
            422,
            "form_invalid_origin",
            "is invalid",
            "allowed_origins must be valid origins such as my-app://localhost, "
            "chrome-extension://extension_id or capacitor://localhost.",
            param_name="allowed_origins",
        )
