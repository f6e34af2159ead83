"""How test runs of enterprise connections end, which only an identity provider could say."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.connections.trials import RUNS, RunResult, finish_run

__all__ = ["ROUTES"]


def _finish(call: ControlCall) -> Response:
    instance = call.instance
    run = RUNS.require(instance, call.param("run_id"))
    result = read_form(RunResult, call.request.fields())
    finished = finish_run(instance, run, result, call.request.origin)
    return json_response(RUNS.resource(instance, finished))


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", "/__fake__/instances/{instance_id}/connection_test_runs/{run_id}", _finish),
)
