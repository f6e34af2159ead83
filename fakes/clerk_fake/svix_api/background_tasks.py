"""``/api/v1/background-task``: what was done in the background; in the fake it is done at once."""

from typing import Final

from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.background_tasks import (
    BACKGROUND_TASKS,
    BackgroundTask,
    require_background_task,
)
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.moments import moment
from clerk_fake.svix_api.pages import Mark, Page, listed, rows_beyond

__all__ = ["ROUTES", "begun"]

STATUSES: Final = ("running", "finished", "failed")
KINDS: Final = (
    "endpoint.replay",
    "endpoint.recover",
    "application.stats",
    "message.broadcast",
    "sdk.generate",
    "event-type.aggregate",
    "application.purge_content",
    "endpoint.bulk-replay",
)


def begun(task: BackgroundTask) -> Response:
    """Answer that something is being done, as Svix does, whose clients ask for the task later."""
    return json_response(
        {
            "id": task.id,
            "status": "running",
            "task": task.kind,
            "updatedAt": moment(task.created_at),
        },
        202,
    )


def _task(task: BackgroundTask) -> JsonObject:
    return {
        "id": task.id,
        "status": "finished",
        "task": task.kind,
        "data": task.data,
        "updatedAt": moment(task.created_at),
    }


def _list(call: SvixCall) -> Response:
    query = call.query
    page = Page.of(query, falling=True)
    status = query.choice("status", STATUSES)
    kind = query.choice("task", KINDS)
    tasks = call.instance.state.of(BACKGROUND_TASKS).oldest_first()
    wanted = [task for task in tasks if status in {None, "finished"} and kind in {None, task.kind}]
    rows = rows_beyond(page, wanted, lambda task: Mark(task.created_at, task.id))
    return listed(page, rows, _task)


def _get(call: SvixCall) -> Response:
    return json_response(_task(require_background_task(call.instance, call.param("task_id"))))


ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("GET", "/api/v1/background-task", _list),
    Route("GET", "/api/v1/background-task/{task_id}", _get),
)
