"""``/v1/instance`` and the settings below it, ``/v1/beta_features/instance_settings``."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.settings import (
    communication,
    general,
    oauth_applications,
    organizations,
    protect,
    restrictions,
)

__all__ = ["ROUTES"]

F = TypeVar("F")
Resource: TypeAlias = Callable[[Instance], JsonObject]


def _told(path: str, resource: Resource) -> BapiRoute:
    return Route("GET", path, lambda call: json_response(resource(call.instance)))


def _changed(
    path: str, form: type[F], command: Callable[[Instance, F], Any], resource: Resource
) -> BapiRoute:
    def answer(call: Call) -> Response:
        command(call.instance, read_form(form, call.request.fields()))
        return json_response(resource(call.instance))

    return Route("PATCH", path, answer)


def _change_instance(call: Call) -> Response:
    change = read_form(general.InstanceChange, call.request.fields())
    general.change_instance(call.instance, change)
    return empty_response()


ROUTES: Final[tuple[BapiRoute, ...]] = (
    _told("/v1/instance", general.instance_resource),
    Route("PATCH", "/v1/instance", _change_instance),
    _changed(
        "/v1/instance/restrictions",
        restrictions.RestrictionsChange,
        restrictions.change_restrictions,
        restrictions.restrictions_resource,
    ),
    _told("/v1/instance/protect", protect.protect_resource),
    _changed(
        "/v1/instance/protect",
        protect.ProtectChange,
        protect.change_protect,
        protect.protect_resource,
    ),
    _told("/v1/instance/communication", communication.communication_resource),
    _changed(
        "/v1/instance/communication",
        communication.CommunicationChange,
        communication.change_communication,
        communication.communication_resource,
    ),
    _told(
        "/v1/instance/oauth_application_settings",
        oauth_applications.oauth_applications_resource,
    ),
    _changed(
        "/v1/instance/oauth_application_settings",
        oauth_applications.OAuthApplicationsChange,
        oauth_applications.change_oauth_applications,
        oauth_applications.oauth_applications_resource,
    ),
    _told("/v1/instance/organization_settings", organizations.organizations_resource),
    _changed(
        "/v1/instance/organization_settings",
        organizations.OrganizationsChange,
        organizations.change_organizations,
        organizations.organizations_resource,
    ),
    _changed(
        "/v1/beta_features/instance_settings",
        general.BetaChange,
        general.change_beta_settings,
        general.beta_resource,
    ),
)
