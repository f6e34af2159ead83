"""``/v1/enterprise_connections``: create, list, get, update, delete, test runs."""

from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection, Owner
from clerk_fake.bapi.listing import Listing, matching, one_of, truth_of
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Coverage, Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Length
from clerk_fake.model.connections.commands import (
    ConnectionChange,
    NewConnection,
    change_connection,
    create_connection,
    delete_connection,
)
from clerk_fake.model.connections.entity import CONNECTIONS, Connection, CustomAttribute, Provider
from clerk_fake.model.connections.oidc import OidcChange
from clerk_fake.model.connections.saml import SamlChange
from clerk_fake.model.connections.trials import RUNS, run_url, start_run
from clerk_fake.model.unset import UNSET, Unset

__all__ = ["ROUTES"]

T = TypeVar("T")
Name = Annotated[str, Length(1, 255)]


@dataclass(frozen=True, slots=True)
class _AttributeForm:
    """A custom attribute; ``scim_path`` and ``directory_path`` mean the same."""

    name: Annotated[str, Length(1, 255)]
    key: Annotated[str, Length(1, 255)]
    sso_path: str = ""
    scim_path: str | None = None
    directory_path: str | None = None
    multi_valued: bool = False

    def attribute(self) -> CustomAttribute:
        """Return it.

        Raises:
            ApiError: 422, the two names of the path say different things.
        """
        old, new = self.scim_path, self.directory_path
        if old is not None and new is not None and old != new:
            raise ApiError.value_conflict("custom_attributes.directory_path", "scim_path")
        return CustomAttribute(
            self.name, self.key, self.sso_path, old or new or "", self.multi_valued
        )


@dataclass(frozen=True, slots=True)
class _CreateForm:
    name: Name
    provider: Provider
    domains: tuple[str, ...]
    organization_id: str | None = None
    allow_organization_account_linking: bool = False
    active: bool = False
    saml: SamlChange | Unset = UNSET
    oidc: OidcChange | Unset = UNSET
    custom_attributes: tuple[_AttributeForm, ...] = ()


@dataclass(frozen=True, slots=True)
class _UpdateForm:
    name: Name | Unset = UNSET
    domains: tuple[str, ...] = ()
    active: bool | Unset = UNSET
    sync_user_attributes: bool | Unset = UNSET
    disable_additional_identifications: bool | Unset = UNSET
    allow_organization_account_linking: bool | Unset = UNSET
    organization_id: str | Unset = UNSET
    saml: SamlChange | Unset = UNSET
    oidc: OidcChange | Unset = UNSET
    custom_attributes: tuple[_AttributeForm, ...] | Unset = UNSET


def _create(instance: Instance, form: _CreateForm, origin: Origin) -> Connection:
    rest = ConnectionChange(
        active=form.active,
        organization_id=form.organization_id,
        allow_organization_account_linking=form.allow_organization_account_linking,
        custom_attributes=tuple(each.attribute() for each in form.custom_attributes),
        saml=form.saml,
        oidc=form.oidc,
    )
    wanted = NewConnection(form.name, form.provider, form.domains, rest)
    return create_connection(instance, wanted, origin)


def _update(
    instance: Instance, connection: Connection, form: _UpdateForm, origin: Origin
) -> Connection:
    attributes = form.custom_attributes
    change = ConnectionChange(
        name=form.name,
        domains=form.domains or UNSET,
        active=form.active,
        organization_id=form.organization_id,
        sync_user_attributes=form.sync_user_attributes,
        disable_additional_identifications=form.disable_additional_identifications,
        allow_organization_account_linking=form.allow_organization_account_linking,
        custom_attributes=(
            UNSET
            if isinstance(attributes, Unset)
            else tuple(each.attribute() for each in attributes)
        ),
        saml=form.saml,
        oidc=form.oidc,
    )
    return change_connection(instance, connection, change, origin)


def _start_run(call: Call) -> Response:
    connection = COLLECTION.called(call)
    run = start_run(call.instance, connection, call.origin)
    return json_response({"url": run_url(call.instance, run)})


COLLECTION: Final = Collection(
    "/v1/enterprise_connections", "enterprise_connection_id", CONNECTIONS
)
TEST_RUNS: Final = Collection(
    "/v1/enterprise_connections/{enterprise_connection_id}/test_runs",
    "test_run_id",
    RUNS,
    owner=Owner(CONNECTIONS, "enterprise_connection_id", "connection_id"),
    coverage=Coverage.STORED,
)

ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(
        Listing(
            filters={
                "organization_id": matching(lambda connection: connection.organization_id),
                "active": truth_of(lambda connection: connection.active),
            }
        )
    ),
    COLLECTION.create(_CreateForm, _create, status=201),
    COLLECTION.get(),
    COLLECTION.update(_UpdateForm, _update),
    COLLECTION.delete(delete_connection),
    TEST_RUNS.list(Listing(filters={"status": one_of(lambda run: run.status.value)})),
    Route("POST", TEST_RUNS.path, _start_run, coverage=Coverage.STORED),
)
