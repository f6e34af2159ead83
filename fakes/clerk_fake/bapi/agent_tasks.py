"""``/v1/agents/tasks``: create and revoke."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Coverage, Route
from clerk_fake.model.agent_tasks import (
    AGENT_TASKS,
    AgentTaskDraft,
    agent_task_with_url,
    create_agent_task,
    revoke_agent_task,
)

__all__ = ["ROUTES"]

COLLECTION: Final = Collection(
    "/v1/agents/tasks", "agent_task_id", AGENT_TASKS, coverage=Coverage.STORED
)


def _create(call: Call) -> Response:
    draft = read_form(AgentTaskDraft, call.request.fields())
    task = create_agent_task(call.instance, draft, call.origin)
    return json_response(agent_task_with_url(call.instance, task))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", COLLECTION.path, _create, coverage=Coverage.STORED),
    COLLECTION.act("/revoke", revoke_agent_task),
)
