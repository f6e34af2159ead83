"""``/v1/email_addresses``: create, get, update, delete, replace."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.users import called_user
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.email_addresses import (
    NewEmailAddress,
    OwnedEmailAddress,
    add_email_address,
    change_email_address,
    delete_email_address,
    replace_email_addresses,
    require_email_address,
)
from clerk_fake.model.identifications import EmailAddress, Standing, email_address_resource
from clerk_fake.model.users.entity import require_user

__all__ = ["ROUTES"]

NOTIFY: Final = "notify_primary_email_address_changed"
"""Taken and ignored: the fake sends no mail."""


def _create(call: Call) -> Response:
    fields = call.request.fields()
    fields.allow_only({"user_id", "email_address", "verified", "primary", NOTIFY})
    wanted = NewEmailAddress(
        text=fields.required_text("email_address"),
        verified=fields.boolean("verified") or False,
        primary=fields.boolean("primary") or False,
    )
    owner = require_user(call.instance, fields.required_text("user_id"))
    return _answer(add_email_address(call.instance, owner, wanted, call.origin))


def _get(call: Call) -> Response:
    return _answer(_called(call).email)


def _update(call: Call) -> Response:
    owned = _called(call)
    fields = call.request.fields()
    fields.allow_only({"verified", "primary", NOTIFY})
    email = change_email_address(
        call.instance,
        owned,
        call.origin,
        verified=fields.boolean("verified"),
        primary=fields.boolean("primary"),
    )
    return _answer(email)


def _delete(call: Call) -> Response:
    owned = _called(call)
    delete_email_address(call.instance, owned, call.origin)
    return json_response({"id": owned.email.id, "object": "email_address", "deleted": True})


def _replace(call: Call) -> Response:
    owner = called_user(call)
    fields = call.request.fields()
    fields.allow_only({"email_address", "identification_status", NOTIFY})
    text = fields.required_text("email_address")
    standing = fields.choice("identification_status", [member.value for member in Standing])
    email = replace_email_addresses(
        call.instance, owner, text, Standing(standing or Standing.VERIFIED), call.origin
    )
    return _answer(email)


def _called(call: Call) -> OwnedEmailAddress:
    return require_email_address(call.instance, call.param("email_address_id"))


def _answer(email: EmailAddress) -> Response:
    return json_response(email_address_resource(email))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/email_addresses", _create),
    Route("GET", "/v1/email_addresses/{email_address_id}", _get),
    Route("PATCH", "/v1/email_addresses/{email_address_id}", _update),
    Route("DELETE", "/v1/email_addresses/{email_address_id}", _delete),
    Route("PUT", "/v1/users/{user_id}/email_address", _replace),
)
