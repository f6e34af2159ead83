"""Organizations are a feature that can be switched off."""

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.settings.entity import settings_of

__all__ = ["check_organizations_enabled"]


def check_organizations_enabled(instance: Instance) -> None:
    """Refuse everything about organizations while they are switched off.

    Raises:
        ApiError: 403 ``organization_not_enabled_in_instance``.
    """
    if not settings_of(instance).organizations.enabled:
        raise ApiError.of(
            403,
            "organization_not_enabled_in_instance",
            "access denied",
            "The organizations feature is not enabled for this instance. "
            "You can enable it in its settings.",
        )
