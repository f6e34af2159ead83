"""``/v1/agents/tasks``: create and revoke."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.model.agent_tasks import (
    AGENT_TASKS,
    AgentTaskDraft,
    agent_task_with_url,
    create_agent_task,
    revoke_agent_task,
)

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/agents/tasks", "agent_task_id", AGENT_TASKS)

ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.create(AgentTaskDraft, create_agent_task, resource=agent_task_with_url),
    COLLECTION.act("/revoke", revoke_agent_task),
)
