"""``/v1/users``: create, update, delete."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.dated_fields import METADATA_APART
from clerk_fake.bapi.user_reading import called_user, user_response
from clerk_fake.http.forms import form_names, read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.users.create import UserDraft, create_user
from clerk_fake.model.users.resource import deleted_user_resource
from clerk_fake.model.users.standing import delete_user
from clerk_fake.model.users.update import MetadataChange, UserChange, update_user

__all__ = ["ROUTES"]


def _create(call: Call) -> Response:
    draft = read_form(UserDraft, call.request.fields())
    return user_response(call, create_user(call.instance, draft, call.origin))


def _update(call: Call) -> Response:
    user = called_user(call)
    return user_response(call, update_user(call.instance, user, _read_change(call), call.origin))


def _delete(call: Call) -> Response:
    user = called_user(call)
    delete_user(call.instance, user, call.origin)
    return json_response(deleted_user_resource(user))


def _read_change(call: Call) -> UserChange:
    """Read the body of ``PATCH /v1/users/{user_id}``."""
    fields = call.request.fields()
    if call.api_version >= METADATA_APART:
        fields.allow_only(form_names(UserChange) - form_names(MetadataChange))
    return read_form(UserChange, fields)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/users", _create),
    Route("PATCH", "/v1/users/{user_id}", _update),
    Route("DELETE", "/v1/users/{user_id}", _delete),
)
