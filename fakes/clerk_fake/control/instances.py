"""Make, list and delete instances."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.control.info import instance_info
from clerk_fake.control.limits import read_limits
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.identities import InstanceRequest

__all__ = ["ROUTES"]

MAX_SEED: Final = 2**63 - 1


def _health(_call: ControlCall) -> Response:
    return json_response({"status": "ok"})


def _create(call: ControlCall) -> Response:
    fields = call.request.fields()
    fields.allow_only({"secret_key", "publishable_key", "webhook_secret", "slug", "seed", "limits"})
    instance = call.instances.create(
        InstanceRequest(
            secret_key=fields.text("secret_key"),
            publishable_key=fields.text("publishable_key"),
            webhook_secret=fields.text("webhook_secret"),
            slug=fields.text("slug"),
            seed=fields.integer("seed", least=0, most=MAX_SEED),
            limits=read_limits(fields, "limits").applied_to,
        )
    )
    return json_response(instance_info(instance, call.base_url), 201)


def _list(call: ControlCall) -> Response:
    infos = [instance_info(instance, call.base_url) for instance in call.instances]
    return json_response({"data": infos})


def _get(call: ControlCall) -> Response:
    return json_response(instance_info(call.instance, call.base_url))


def _delete(call: ControlCall) -> Response:
    call.faults.heal(call.faults.of(call.instance.id))  # while there is something to put right
    instance = call.instances.delete(call.param("instance_id"))
    return json_response({"id": instance.id, "object": "instance", "deleted": True})


def _jwks(call: ControlCall) -> Response:
    return json_response({"keys": call.instance.signing_key.public_jwks()})


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/health", _health),
    Route("POST", "/__fake__/instances", _create),
    Route("GET", "/__fake__/instances", _list),
    Route("GET", "/__fake__/instances/{instance_id}", _get),
    Route("DELETE", "/__fake__/instances/{instance_id}", _delete),
    Route("GET", "/i/{instance_id}/.well-known/jwks.json", _jwks),
)
