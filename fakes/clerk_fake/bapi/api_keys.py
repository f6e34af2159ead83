"""``/v1/api_keys``: create, list, get, update, delete, show, revoke, verify."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, named_like
from clerk_fake.bapi.token_service import bad_request, token_service
from clerk_fake.http.forms import read_form
from clerk_fake.http.query import Query
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.api_keys.commands import (
    SUBJECT,
    ApiKeyChange,
    ApiKeyDraft,
    change_api_key,
    create_api_key,
    revoke_api_key,
    verify_api_key,
)
from clerk_fake.model.api_keys.entity import (
    API_KEYS,
    ApiKey,
    api_key_resource,
    created_api_key_resource,
)
from clerk_fake.model.revocation import Revocation

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/api_keys", "apiKeyID", API_KEYS)
ID: Final = {"apiKeyID": "(ak|api_key)_[0-9A-Fa-f]{32}"}
SHORTEST_TYPE: Final = 3
INSISTS_ON_201: Final = "2025-11-10"
"""Clerk describes a 200, but its Python client, which speaks this version, takes a 201 only."""


@dataclass(frozen=True, slots=True)
class VerificationForm:
    """What ``POST /v1/api_keys/verify`` takes."""

    secret: str


def _type(query: Query, name: str) -> Callable[[ApiKey], bool]:
    wanted = query.text(name) or "api_key"
    if len(wanted) < SHORTEST_TYPE:
        raise bad_request(f"Invalid 'query.type': it has at least {SHORTEST_TYPE} characters.")
    return lambda key: key.type == wanted


LISTING: Final[Listing[ApiKey]] = Listing(
    filters={"type": _type, "query": named_like(lambda key: key.id, lambda key: key.name)},
    largest=100,
)


def _list(call: Call) -> Response:
    query = call.request.query()
    subject = query.text("subject") or ""
    if not SUBJECT.fullmatch(subject):
        raise bad_request("Invalid 'query.subject': Failed regex check")
    keys = API_KEYS.table(call.instance).find("subject", subject)
    if query.choice("include_invalid", ("true", "false")) != "true":
        keys = [key for key in keys if key.good_at(call.now_ms)]
    return LISTING.answer(call, API_KEYS, among=keys)


def _create(call: Call) -> Response:
    key = create_api_key(call.instance, read_form(ApiKeyDraft, call.request.fields()), call.origin)
    status = 201 if call.api_version == INSISTS_ON_201 else 200
    return json_response(created_api_key_resource(call.instance, key), status)


def _secret(call: Call) -> Response:
    return json_response({"secret": COLLECTION.called(call).secret})


def _verify(call: Call) -> Response:
    form = read_form(VerificationForm, call.request.fields())
    key = verify_api_key(call.instance, form.secret, call.origin)
    return json_response(api_key_resource(call.instance, key))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    token_service(Route("GET", "/v1/api_keys", _list)),
    token_service(Route("POST", "/v1/api_keys", _create)),
    token_service(COLLECTION.get(), ID),
    token_service(COLLECTION.update(ApiKeyChange, change_api_key), ID),
    token_service(COLLECTION.delete(), ID),
    token_service(Route("GET", "/v1/api_keys/{apiKeyID}/secret", _secret), ID),
    token_service(
        COLLECTION.update(Revocation, revoke_api_key, method="POST", suffix="/revoke"), ID
    ),
    token_service(Route("POST", "/v1/api_keys/verify", _verify)),
)
