"""The Svix app of an instance: behind it are its webhook endpoints.

Clerk makes one when somebody sets webhooks up. Svix' own API is on before that, too: it shows the
app as it would be, and keeps what it is told of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.portal_tokens import PortalExpiry, expire_portal_tokens
from clerk_fake.model.svix_metadata import check_svix_metadata
from clerk_fake.model.svix_names import check_uid
from clerk_fake.model.unset import UNSET, Unset, applied
from clerk_fake.state import Noun

__all__ = [
    "BEGINNING_MS",
    "MOST_PER_SECOND",
    "SVIX_APPS",
    "AppDraft",
    "AppPatch",
    "SvixApp",
    "change_svix_app",
    "close_svix_app",
    "create_svix_app",
    "delete_svix_app",
    "goes_by",
    "open_svix_app",
    "require_svix_app",
    "svix_app",
]

BEGINNING_MS: Final = 1_744_675_200_000
"""2025-04-15, the version of Clerk's webhooks: since then, for what was never made."""

MOST_PER_SECOND: Final = 65_535


@dataclass(frozen=True, slots=True)
class SvixApp:
    """The app.

    Attributes:
        id: ``app_…``, follows from the id of the instance.
        created_at: Since when it is there, ms.
        updated_at: When it was changed, ms; 0 for never.
        name: What it is called; empty for the id of the instance.
        uid: What it goes by, too.
        throttle_rate: Kept and given back; it slows nothing down.
        metadata: Kept and given back.
    """

    id: str
    created_at: int
    updated_at: int = 0
    name: str = ""
    uid: str | None = None
    throttle_rate: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


SVIX_APPS: Final = Noun("svix_apps", SvixApp)


@dataclass(frozen=True, slots=True)
class AppDraft:
    """An app as somebody wants it."""

    name: Annotated[str, Length(1)]
    uid: str | None = None
    throttle_rate: Annotated[int, Between(1, MOST_PER_SECOND)] | None = None
    metadata: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppPatch:
    """What is to be different about an app."""

    name: Annotated[str, Length(1)] | Unset = UNSET
    uid: str | Unset | None = UNSET
    throttle_rate: Annotated[int, Between(1, MOST_PER_SECOND)] | Unset | None = UNSET
    metadata: JsonObject | Unset = UNSET


def svix_app(instance: Instance) -> SvixApp:
    """Return the app of an instance, as it is or as it would be."""
    app_id = instance.identity.svix_app_id
    for made in instance.state.of(SVIX_APPS).oldest_first():
        return replace(made, id=app_id)  # a snapshot may have come from another instance
    return SvixApp(app_id, BEGINNING_MS, uid=instance.id)


def goes_by(instance: Instance, name: str) -> bool:
    """Tell whether the app of an instance is called so: by its id, its uid or the instance's id."""
    app = svix_app(instance)
    return name in {app.id, app.uid, instance.id}


def create_svix_app(instance: Instance) -> None:
    """Set up webhooks.

    Raises:
        ApiError: 400, they are set up already.
    """
    if _exists(instance):
        raise ApiError.of(400, "svix_app_exists", "Only one Svix app is allowed per instance.")
    app = SvixApp(instance.identity.svix_app_id, instance.clock.now_ms(), uid=instance.id)
    _keep(instance, app)


def open_svix_app(instance: Instance, draft: AppDraft, *, if_exists: bool) -> tuple[SvixApp, bool]:
    """Make the app over Svix' API, and tell whether it is a new one.

    Args:
        instance: Whose.
        draft: How it is to be.
        if_exists: Whether the one that is there is as good, when it goes by the same uid.

    Raises:
        ApiError: 409, there is one; 422, the draft is malformed.
    """
    app = _changed(instance, draft)
    if _exists(instance):
        if if_exists and draft.uid is not None and goes_by(instance, draft.uid):
            return svix_app(instance), False
        raise ApiError.of(409, "conflict", "conflict", "An instance has one app only.")
    app = replace(app, created_at=app.updated_at)
    _keep(instance, app)
    return app, True


def change_svix_app(instance: Instance, wanted: AppDraft | AppPatch) -> SvixApp:
    """Change the app, as a whole (a draft) or in part, and return it.

    Raises:
        ApiError: 422, what is wanted is malformed.
    """
    app = _changed(instance, wanted)
    _keep(instance, app)
    return app


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
    """Give webhooks up, see ``close_svix_app``.

    Raises:
        ApiError: 400, there are none.
    """
    require_svix_app(instance)
    close_svix_app(instance)


def close_svix_app(instance: Instance) -> None:
    """Forget what the app was told: its endpoints go, and the tokens that open it end."""
    apps = instance.state.of(SVIX_APPS)
    for app in list(apps.oldest_first()):
        apps.remove(app)
    for endpoint in instance.endpoints:
        instance.endpoints.delete(endpoint)
    expire_portal_tokens(instance, PortalExpiry())


def _exists(instance: Instance) -> bool:
    """Endpoints that the control plane made are behind an app that nobody asked for."""
    return len(instance.state.of(SVIX_APPS)) > 0 or any(True for _ in instance.endpoints)


def _keep(instance: Instance, app: SvixApp) -> None:
    apps = instance.state.of(SVIX_APPS)
    for other in list(apps.oldest_first()):
        apps.remove(other)
    apps.put(app)


def _changed(instance: Instance, wanted: AppDraft | AppPatch) -> SvixApp:
    app = applied(svix_app(instance), wanted)
    if app.uid is not None:
        check_uid(app.uid, "uid", kind="app")
    now = instance.clock.now_ms()
    return replace(app, metadata=check_svix_metadata(app.metadata), updated_at=now)
