"""``/v1/oauth_applications``: create, list, get, update, delete, logo, secret, tokens."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, named_like
from clerk_fake.http.forms import read_form
from clerk_fake.http.multipart import UPLOAD_LIMIT, read_multipart
from clerk_fake.http.response import NO_CONTENT, Response
from clerk_fake.http.router import Route
from clerk_fake.model.oauth_applications.commands import (
    OAuthApplicationChange,
    OAuthApplicationDraft,
    change_oauth_application,
    create_oauth_application,
    delete_oauth_application,
    rotate_client_secret,
    set_oauth_application_logo,
)
from clerk_fake.model.oauth_applications.entity import (
    OAUTH_APPLICATIONS,
    oauth_application_with_secret,
)
from clerk_fake.model.oauth_tokens.commands import revoke_oauth_token

__all__ = ["ROUTES"]

PATH: Final = "/v1/oauth_applications"
COLLECTION: Final = Collection(PATH, "oauth_application_id", OAUTH_APPLICATIONS)


@dataclass(frozen=True, slots=True)
class RevocationForm:
    """What ``POST …/revoke_token`` takes."""

    token: str


def _set_logo(call: Call) -> Response:
    application = COLLECTION.called(call)
    form = read_multipart(call.request)
    form.fields.allow_only({"uploader_user_id"})
    upload = form.files.get("file")
    changed = set_oauth_application_logo(call.instance, application, upload, call.origin)
    return COLLECTION.write(call, changed)


def _revoke_token(call: Call) -> Response:
    application = COLLECTION.called(call)
    form = read_form(RevocationForm, call.request.fields())
    revoke_oauth_token(call.instance, application, form.token, call.origin)
    return Response(NO_CONTENT, b"")


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(
        Listing(
            filters={
                "name_query": named_like(
                    lambda application: application.client_id,
                    lambda application: application.name,
                )
            },
            orders={"name": lambda application: application.name},
        )
    ),
    COLLECTION.create(
        OAuthApplicationDraft, create_oauth_application, resource=oauth_application_with_secret
    ),
    COLLECTION.get(),
    COLLECTION.update(OAuthApplicationChange, change_oauth_application),
    COLLECTION.delete(delete_oauth_application),
    Route("PUT", f"{PATH}/{{oauth_application_id}}/logo", _set_logo, UPLOAD_LIMIT),
    COLLECTION.act("/rotate_secret", rotate_client_secret, resource=oauth_application_with_secret),
    Route("POST", f"{PATH}/{{oauth_application_id}}/revoke_token", _revoke_token),
)
