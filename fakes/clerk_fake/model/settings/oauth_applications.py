"""``/v1/instance/oauth_application_settings``: what holds for all OAuth applications."""

from dataclasses import asdict, dataclass

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.settings.entity import change_settings, settings_of
from clerk_fake.model.unset import UNSET, Unset, applied

__all__ = [
    "OAuthApplicationsChange",
    "change_oauth_applications",
    "oauth_applications_resource",
]


@dataclass(frozen=True, slots=True)
class OAuthApplicationsChange:
    """What ``PATCH /v1/instance/oauth_application_settings`` takes; no scopes are Clerk's own."""

    dynamic_oauth_client_registration: bool | Unset = UNSET
    default_scopes: tuple[str, ...] | Unset | None = UNSET
    oauth_jwt_access_tokens: bool | Unset = UNSET
    client_id_metadata_documents_advertised: bool | Unset = UNSET
    client_id_metadata_documents_only_allow_pre_registered_clients: bool | Unset = UNSET
    client_id_metadata_documents_block_implicitly_allowed_clients: bool | Unset = UNSET


def change_oauth_applications(instance: Instance, change: OAuthApplicationsChange) -> None:
    """Apply ``change``.

    Raises:
        ApiError: 422, a scope is empty, has blanks in it, or is there twice.
    """
    scopes = change.default_scopes
    if scopes and not isinstance(scopes, Unset):
        if any(not scope or scope != "".join(scope.split()) for scope in scopes):
            raise ApiError.bad_format("default_scopes", "scopes without blanks")
        if len(set(scopes)) < len(scopes):
            raise ApiError.duplicate_values("default_scopes")
    old = settings_of(instance).oauth_applications
    change_settings(instance, oauth_applications=applied(old, change))


def oauth_applications_resource(instance: Instance) -> JsonObject:
    """Return the settings as Clerk writes them."""
    settings = settings_of(instance).oauth_applications
    return {"object": "oauth_application_settings", **asdict(settings)}
