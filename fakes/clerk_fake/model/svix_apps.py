"""The Svix app of an instance: behind it are its webhook endpoints."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.state import Noun

__all__ = ["SVIX_APPS", "SvixApp", "create_svix_app", "delete_svix_app", "require_svix_app"]


@dataclass(frozen=True, slots=True)
class SvixApp:
    """That there is one, and since when (ms)."""

    id: str
    created_at: int


SVIX_APPS: Final = Noun("svix_apps", SvixApp)


def create_svix_app(instance: Instance) -> None:
    """Set up webhooks.

    Raises:
        ApiError: 400, they are set up already.
    """
    if _exists(instance):
        raise ApiError.of(400, "svix_app_exists", "Only one Svix app is allowed per instance.")
    app = SvixApp(instance.ids.new("app"), instance.clock.now_ms())
    instance.state.of(SVIX_APPS).put(app)


def require_svix_app(instance: Instance) -> None:
    """Refuse what needs webhooks to be set up.

    Raises:
        ApiError: 400, they are not.
    """
    if not _exists(instance):
        raise ApiError.of(
            400, "svix_app_missing", "No Svix apps are associated with the current instance."
        )


def delete_svix_app(instance: Instance) -> None:
    """Give webhooks up: all endpoints go, and nothing is delivered any more.

    Raises:
        ApiError: 400, there are none.
    """
    require_svix_app(instance)
    apps = instance.state.of(SVIX_APPS)
    for app in list(apps.oldest_first()):
        apps.remove(app)
    for endpoint in instance.endpoints:
        instance.endpoints.delete(endpoint.id)


def _exists(instance: Instance) -> bool:
    """Endpoints that the control plane made are behind an app that nobody asked for."""
    return len(instance.state.of(SVIX_APPS)) > 0 or any(True for _ in instance.endpoints)
