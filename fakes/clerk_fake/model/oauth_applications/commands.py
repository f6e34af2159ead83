"""Make, change and delete OAuth applications."""

import string
from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Length
from clerk_fake.model.images import Upload, drop_image, store_image
from clerk_fake.model.oauth_applications.entity import OAUTH_APPLICATIONS, OAuthApplication
from clerk_fake.model.oauth_applications.scopes import DEFAULT_SCOPES, read_scopes
from clerk_fake.model.oauth_tokens.entity import forget_oauth_grants_of
from clerk_fake.model.secrets import new_secret
from clerk_fake.model.unset import UNSET, Unset, given
from clerk_fake.model.urls import check_url

__all__ = [
    "OAuthApplicationChange",
    "OAuthApplicationDraft",
    "change_oauth_application",
    "create_oauth_application",
    "delete_oauth_application",
    "rotate_client_secret",
    "set_oauth_application_logo",
]

CLIENT_ID_LENGTH: Final = 16
CLIENT_SECRET_LENGTH: Final = 32

Name = Annotated[str, Length(1, 256)]
ShortText = Annotated[str, Length(0, 1024)]


@dataclass(frozen=True, slots=True)
class OAuthApplicationDraft:
    """What ``POST /v1/oauth_applications`` takes.

    Attributes:
        callback_url: The older way to name one of ``redirect_uris``; these win.
    """

    name: Name
    redirect_uris: tuple[str, ...] | None = None
    callback_url: ShortText | None = None
    scopes: ShortText = DEFAULT_SCOPES
    consent_screen_enabled: bool = True
    pkce_required: bool = False
    public: bool = False


@dataclass(frozen=True, slots=True)
class OAuthApplicationChange:
    """What ``PATCH /v1/oauth_applications/{oauth_application_id}`` takes."""

    name: Name | Unset = UNSET
    redirect_uris: tuple[str, ...] | Unset = UNSET
    callback_url: ShortText | Unset = UNSET
    scopes: ShortText | Unset = UNSET
    consent_screen_enabled: bool | Unset = UNSET
    pkce_required: bool | Unset = UNSET
    public: bool | Unset = UNSET


def create_oauth_application(
    instance: Instance, draft: OAuthApplicationDraft, origin: Origin
) -> OAuthApplication:
    """Make an application, with a secret unless it is public.

    Raises:
        ApiError: 422, a redirect URI is none; 400, one is there twice, or there is no such scope.
    """
    uris = draft.redirect_uris
    if uris is None:
        uris = () if draft.callback_url is None else (draft.callback_url,)
    now = instance.clock.now_ms()
    application = OAuthApplication(
        id=OAUTH_APPLICATIONS.new_id(instance),
        name=draft.name,
        client_id=instance.ids.text(string.ascii_letters + string.digits, CLIENT_ID_LENGTH),
        client_secret=_secret(instance, public=draft.public),
        redirect_uris=_checked(uris),
        scopes=read_scopes(draft.scopes),
        consent_screen_enabled=draft.consent_screen_enabled,
        pkce_required=draft.pkce_required,
        public=draft.public,
        created_at=now,
        updated_at=now,
    )
    return OAUTH_APPLICATIONS.add(instance, application, origin)


def change_oauth_application(
    instance: Instance,
    application: OAuthApplication,
    change: OAuthApplicationChange,
    origin: Origin,
) -> OAuthApplication:
    """Change an application; one that becomes public loses its secret.

    Raises:
        ApiError: As for a new one; 422 besides, its consent screen cannot be disabled.
    """
    if change.consent_screen_enabled is False and application.dynamically_registered:
        raise ApiError.of(
            422,
            "oauth_application_consent_screen_cannot_be_disabled",
            "consent screen cannot be disabled",
            "Consent screen cannot be disabled for a dynamically registered OAuth Application",
        )
    public = given(change.public, application.public)
    uris = change.redirect_uris
    if isinstance(uris, Unset) and not isinstance(change.callback_url, Unset):
        uris = (change.callback_url,)
    scopes = change.scopes
    secret = application.client_secret
    if public is not application.public:
        secret = _secret(instance, public=public)
    return OAUTH_APPLICATIONS.change(
        instance,
        application,
        origin,
        name=given(change.name, application.name),
        redirect_uris=application.redirect_uris if isinstance(uris, Unset) else _checked(uris),
        scopes=application.scopes if isinstance(scopes, Unset) else read_scopes(scopes),
        consent_screen_enabled=given(
            change.consent_screen_enabled, application.consent_screen_enabled
        ),
        pkce_required=given(change.pkce_required, application.pkce_required),
        public=public,
        client_secret=secret,
    )


def rotate_client_secret(
    instance: Instance, application: OAuthApplication, origin: Origin
) -> OAuthApplication:
    """Give an application a new secret; a public one still has none."""
    if application.public:
        return application
    secret = _secret(instance, public=False)
    return OAUTH_APPLICATIONS.change(instance, application, origin, client_secret=secret)


def set_oauth_application_logo(
    instance: Instance, application: OAuthApplication, upload: Upload | None, origin: Origin
) -> OAuthApplication:
    """Give an application this logo, in place of the one it had.

    Raises:
        ApiError: 400, there is no file or it is no picture; 413, it is too large.
    """
    image = store_image(instance, upload)
    drop_image(instance, application.image_id)
    return OAUTH_APPLICATIONS.change(instance, application, origin, image_id=image.id)


def delete_oauth_application(
    instance: Instance, application: OAuthApplication, origin: Origin
) -> None:
    """Forget an application, its logo, and what people granted it."""
    forget_oauth_grants_of(instance, application_id=application.id)
    drop_image(instance, application.image_id)
    OAUTH_APPLICATIONS.remove(instance, application, origin)


def _secret(instance: Instance, *, public: bool) -> str:
    return "" if public else new_secret(instance, "", length=CLIENT_SECRET_LENGTH)


def _checked(uris: tuple[str, ...]) -> tuple[str, ...]:
    for uri in uris:
        check_url(uri, "redirect_uris")
    if len(set(uris)) < len(uris):
        raise ApiError.of(
            400,
            "duplicate_record",
            "duplicate redirect URI",
            "the redirect URI already exists",
            param_name="redirect_uris",
        )
    return uris
