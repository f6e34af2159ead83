"""Set, watch and heal faults, of one instance or of the whole server."""

from typing import TYPE_CHECKING, Any, Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.fields import Fields
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clerk_fake.faults.active import ActiveFault
    from clerk_fake.faults.fault import Fault

__all__ = ["ROUTES"]


def _create_for(call: ControlCall, instance: Instance | None, fields: Fields) -> Response:
    kind = _kind(fields)
    conditions = kind.conditions()
    where = read_form(kind.where, fields.only(conditions))
    fault = read_form(kind, fields.without({"seam", "kind", *conditions}))
    return json_response(call.faults.set(fault, where, instance).as_json(), 201)


def _kind(fields: Fields) -> "type[Fault]":
    """Return the kind that is asked for; where no seam is named, the API comes first."""
    from clerk_fake.faults.registry import FAULTS  # noqa: PLC0415 - not before the first fault

    seam = fields.choice("seam", FAULTS)
    known = FAULTS[seam] if seam is not None else {**FAULTS["delivery"], **FAULTS["api"]}
    return known[fields.choice("kind", known) or fields.required_text("kind")]


def _create(call: ControlCall) -> Response:
    return _create_for(call, call.instance, call.request.fields())


def _create_anywhere(call: ControlCall) -> Response:
    fields = call.request.fields()
    instance_id = fields.text("instance_id")
    instance = None if instance_id is None else call.instances.get(instance_id)
    return _create_for(call, instance, fields.without({"instance_id"}))


def _list(call: ControlCall) -> Response:
    return _listed(_meant(call))


def _get(call: ControlCall) -> Response:
    return json_response(_named(call).as_json())


def _heal(call: ControlCall) -> Response:
    active = _named(call)
    call.faults.heal([active])
    return json_response(active.as_json())


def _heal_all(call: ControlCall) -> Response:
    meant = tuple(_meant(call))
    call.faults.heal(meant)
    return _listed(meant)


def _meant(call: ControlCall) -> "Iterable[ActiveFault[Any]]":
    if "instance_id" not in call.request.params:
        return call.faults.of()
    return call.faults.of(call.instance.id)


def _named(call: ControlCall) -> "ActiveFault[Any]":
    of = call.instance.id if "instance_id" in call.request.params else None
    return call.faults.get(call.param("fault_id"), of)


def _listed(faults: "Iterable[ActiveFault[Any]]") -> Response:
    return json_response({"data": [active.as_json() for active in faults]})


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", "/__fake__/faults", _create_anywhere),
    Route("GET", "/__fake__/faults", _list),
    Route("DELETE", "/__fake__/faults", _heal_all),
    Route("GET", "/__fake__/faults/{fault_id}", _get),
    Route("DELETE", "/__fake__/faults/{fault_id}", _heal),
    Route("POST", "/__fake__/instances/{instance_id}/faults", _create),
    Route("GET", "/__fake__/instances/{instance_id}/faults", _list),
    Route("DELETE", "/__fake__/instances/{instance_id}/faults", _heal_all),
    Route("GET", "/__fake__/instances/{instance_id}/faults/{fault_id}", _get),
    Route("DELETE", "/__fake__/instances/{instance_id}/faults/{fault_id}", _heal),
)
