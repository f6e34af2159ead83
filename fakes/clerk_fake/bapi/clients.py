"""``/v1/clients``: list, get, verify."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, Shape
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.model.clients import CLIENTS, client_of_token

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/clients", "client_id", CLIENTS)


@dataclass(frozen=True, slots=True)
class _TokenForm:
    token: str


def _verify(call: Call) -> Response:
    token = read_form(_TokenForm, call.request.fields()).token
    return COLLECTION.write(call, client_of_token(call.instance, token))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(Listing(shape=Shape.ARRAY)),
    COLLECTION.get(),
    Route("POST", "/v1/clients/verify", _verify),
)
