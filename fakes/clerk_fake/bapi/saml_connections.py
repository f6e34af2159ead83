"""``/v1/saml_connections``: the older view of enterprise connections that speak SAML."""

from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.listing import Listing, signed, text_within
from clerk_fake.errors import ApiError
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import Length
from clerk_fake.model.connections.commands import (
    ConnectionChange,
    NewConnection,
    change_connection,
    create_connection,
    delete_connection,
)
from clerk_fake.model.connections.entity import (
    CONNECTIONS,
    Connection,
    Provider,
    require_saml_connection,
    saml_connection_resource,
)
from clerk_fake.model.connections.saml import SamlChange
from clerk_fake.model.unset import UNSET, Unset, given

__all__ = ["ROUTES"]


@dataclass(frozen=True, slots=True)
class _Form(SamlChange):
    """What ``PATCH`` takes; ``POST`` takes a part of it, and a provider."""

    name: Annotated[str, Length(1, 255)] | Unset = UNSET
    domain: str | None = None
    domains: tuple[str, ...] = ()
    organization_id: str | Unset | None = UNSET
    active: bool | Unset = UNSET
    sync_user_attributes: bool | Unset = UNSET
    disable_additional_identifications: bool | Unset = UNSET
    allow_organization_account_linking: bool | Unset = UNSET
    consent_verified_domains_deletion: bool | Unset = UNSET

    def all_domains(self) -> tuple[str, ...]:
        """Return the domains under whichever of the two names they came.

        Raises:
            ApiError: 422, they came under both.
        """
        if self.domain is not None and self.domains:
            raise ApiError.bad_value("domain", "left out when domains is given")
        return self.domains or (() if self.domain is None else (self.domain,))

    def change(self) -> ConnectionChange:
        """Return what should become of the connection, its domains left out."""
        common = {each.name for each in fields(ConnectionChange)} - {"domains", "saml", "oidc"}
        saml = {each.name for each in fields(SamlChange)}
        own: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        return ConnectionChange(
            **{name: value for name, value in own.items() if name in common},
            saml=SamlChange(**{name: value for name, value in own.items() if name in saml}),
        )


UPDATE_ONLY: Final = frozenset(
    {
        "active",
        "sync_user_attributes",
        "allow_subdomains",
        "allow_idp_initiated",
        "disable_additional_identifications",
        "allow_organization_account_linking",
        "consent_verified_domains_deletion",
    }
)
SAML_PROVIDERS: Final = tuple(provider.value for provider in Provider if provider.is_saml)


def _create(call: Call) -> Response:
    incoming = call.request.fields()
    for name in UPDATE_ONLY:
        if name in incoming:
            raise ApiError.unknown_param(name)
    provider = incoming.choice("provider", SAML_PROVIDERS)
    if provider is None:
        raise ApiError.missing_param("provider")
    form = read_form(_Form, incoming.without({"provider"}))
    if isinstance(form.name, Unset):
        raise ApiError.missing_param("name")
    wanted = NewConnection(form.name, Provider(provider), form.all_domains(), form.change())
    return _write(call, create_connection(call.instance, wanted, call.origin))


def _update(call: Call) -> Response:
    connection = _called(call)
    form = read_form(_Form, call.request.fields())
    change = form.change()
    domains = form.all_domains()
    if domains:
        change = replace(change, domains=domains)
    consent = form.consent_verified_domains_deletion
    changed = change_connection(
        call.instance, connection, change, call.origin, may_remove_domains=given(consent, False)
    )
    return _write(call, changed)


def _list(call: Call) -> Response:
    among = CONNECTIONS.table(call.instance).find("saml", "")
    return LISTING.answer(
        call,
        CONNECTIONS,
        among=among,
        resource=lambda each: saml_connection_resource(call.instance, each),
    )


def _delete(call: Call) -> Response:
    connection = _called(call)
    delete_connection(call.instance, connection, call.origin)
    saml_id = call.param("saml_connection_id")
    return json_response({"object": "saml_connection", "id": saml_id, "deleted": True})


def _called(call: Call) -> Connection:
    return require_saml_connection(call.instance, call.param("saml_connection_id"))


def _write(call: Call, connection: Connection) -> Response:
    return json_response(saml_connection_resource(call.instance, connection))


LISTING: Final[Listing[Connection]] = Listing(
    filters={
        "query": text_within(lambda connection: connection.name),
        "organization_id": signed(lambda connection: connection.organization_id),
    },
    orders={"name": lambda connection: connection.name.lower()},
)
ONE: Final = "/v1/saml_connections/{saml_connection_id}"

ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", "/v1/saml_connections", _list),
    Route("POST", "/v1/saml_connections", _create),
    Route("GET", ONE, lambda call: _write(call, _called(call))),
    Route("PATCH", ONE, _update),
    Route("DELETE", ONE, _delete),
)
