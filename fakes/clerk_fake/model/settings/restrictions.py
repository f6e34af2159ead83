"""``/v1/instance/restrictions``: which lists and which rules for addresses hold."""

from dataclasses import dataclass

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.settings.entity import SignUpMode, change_settings, settings_of
from clerk_fake.model.unset import UNSET, Unset, applied

__all__ = ["RestrictionsChange", "change_restrictions", "restrictions_resource"]


@dataclass(frozen=True, slots=True)
class RestrictionsChange:
    """What ``PATCH /v1/instance/restrictions`` takes."""

    allowlist: bool | Unset = UNSET
    blocklist: bool | Unset = UNSET
    allowlist_blocklist_disabled_on_sign_in: bool | Unset = UNSET
    block_email_subaddresses: bool | Unset = UNSET
    block_disposable_email_domains: bool | Unset = UNSET
    ignore_dots_for_gmail_addresses: bool | Unset = UNSET


def change_restrictions(instance: Instance, change: RestrictionsChange) -> None:
    """Apply ``change``.

    Raises:
        ApiError: 422, an allow-list means nothing where sign-ups are restricted anyway.
    """
    settings = settings_of(instance)
    mode = settings.general.sign_up_mode
    if change.allowlist is True and mode is not SignUpMode.PUBLIC:
        raise ApiError.of(
            422,
            "sign_up_mode_restricted_invalid_value",
            "is not allowed",
            f"`allowlist` isn't allowed to be `true` when sign-up mode is set to {mode.value}.",
            param_name="allowlist",
        )
    change_settings(instance, restrictions=applied(settings.restrictions, change))


def restrictions_resource(instance: Instance) -> JsonObject:
    """Return the restrictions as Clerk writes them."""
    restrictions = settings_of(instance).restrictions
    return {
        "object": "instance_restrictions",
        "allowlist": restrictions.allowlist,
        "blocklist": restrictions.blocklist,
        "allowlist_blocklist_disabled_on_sign_in": (
            restrictions.allowlist_blocklist_disabled_on_sign_in
        ),
        "block_email_subaddresses": restrictions.block_email_subaddresses,
        "block_disposable_email_domains": restrictions.block_disposable_email_domains,
    }
