"""What Svix does in the background, and the fake at once: recovering, replaying, expunging."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.state import Noun

__all__ = [
    "BACKGROUND_TASKS",
    "BackgroundTask",
    "note_background_task",
    "require_background_task",
]

KEPT: Final = 1000
"""How many tasks an instance remembers; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """A task that has been done.

    Attributes:
        id: ``qtask_…``.
        created_at: When, on the instance's clock, ms.
        kind: E.g. ``endpoint.recover``.
        data: What came of it, e.g. how many messages were sent.
    """

    id: str
    created_at: int
    kind: str
    data: Mapping[str, int] = field(default_factory=dict)


BACKGROUND_TASKS: Final = Noun("background_tasks", BackgroundTask)


def note_background_task(instance: Instance, kind: str, **data: int) -> BackgroundTask:
    """Remember that something was done, and return the task of it."""
    now = instance.clock.now_ms()
    task = BackgroundTask(instance.ids.new("qtask"), now, kind, data)
    tasks = instance.state.of(BACKGROUND_TASKS)
    tasks.put(task)
    if len(tasks) > KEPT:
        tasks.remove(next(tasks.oldest_first()))
    return task


def require_background_task(instance: Instance, task_id: str) -> BackgroundTask:
    """Return the task with this id.

    Raises:
        ApiError: 404, there is none.
    """
    task = instance.state.of(BACKGROUND_TASKS).get(task_id)
    if task is None:
        raise ApiError.not_found("background task", task_id)
    return task
