"""Agent tasks: links with which a program acts on behalf of a user."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.identifications import Standing
from clerk_fake.model.records import Kind
from clerk_fake.model.urls import check_url
from clerk_fake.model.users.entity import USERS, User, require_user
from clerk_fake.state import Noun
from clerk_fake.tokens.tickets import Ticket, sign_ticket, ticket_url

__all__ = [
    "AGENT_TASKS",
    "AgentTask",
    "AgentTaskDraft",
    "AgentTaskStatus",
    "agent_task_with_url",
    "create_agent_task",
    "revoke_agent_task",
]

TICKET: Final = "agent_task"
LINK_LIFETIME_S: Final = 24 * 60 * 60
LONGEST_SESSION_S: Final = 315_360_000


class AgentTaskStatus(StrEnum):
    """How a task stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class AgentTask:
    """A task; times are Unix ms.

    Attributes:
        agent_id: The same for all tasks of one ``agent_name``.
        session_max_duration_s: How long its session may last.
    """

    id: str
    agent_id: str
    agent_name: str
    user_id: str
    description: str
    redirect_url: str
    session_max_duration_s: int
    status: AgentTaskStatus
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf; exactly one of the two."""

    user_id: str | None = None
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class AgentTaskDraft:
    """What ``POST /v1/agents/tasks`` takes."""

    on_behalf_of: Principal
    permissions: Literal["*"]
    agent_name: Annotated[str, Length(1, 255)]
    task_description: Annotated[str, Length(1, 4096)]
    redirect_url: str
    session_max_duration_in_seconds: Annotated[int, Between(1, LONGEST_SESSION_S)] = 1800


def _resource(_instance: Instance, task: AgentTask) -> JsonObject:
    return {
        "object": "agent_task",
        "agent_id": task.agent_id,
        "agent_task_id": task.id,
        "task_id": task.id,
    }


def _missing(_task_id: str) -> ApiError:
    return ApiError.of(
        404,
        "agent_task_not_found",
        "agent task not found",
        "The requested agent task could not be found.",
    )


AGENT_TASKS: Final = Kind(
    Noun("agent_tasks", AgentTask, {"agent_name": lambda task: (task.agent_name,)}),
    what="agent task",
    prefix="agttask",
    wire_name="agent_task",
    resource=_resource,
    missing=_missing,
)


def create_agent_task(instance: Instance, draft: AgentTaskDraft, origin: Origin) -> AgentTask:
    """Let an agent act on behalf of a user.

    Raises:
        ApiError: 404, there is no such user; 422, not exactly one of ``user_id`` and
            ``identifier`` is given, or the URL is none.
    """
    user = _principal(instance, draft.on_behalf_of)
    _check_redirect_url(instance, draft.redirect_url)
    earlier = AGENT_TASKS.table(instance).find("agent_name", draft.agent_name)
    now = instance.clock.now_ms()
    task = AgentTask(
        id=AGENT_TASKS.new_id(instance),
        agent_id=earlier[0].agent_id if earlier else instance.ids.new("agt"),
        agent_name=draft.agent_name,
        user_id=user.id,
        description=draft.task_description,
        redirect_url=draft.redirect_url,
        session_max_duration_s=draft.session_max_duration_in_seconds,
        status=AgentTaskStatus.PENDING,
        created_at=now,
        updated_at=now,
    )
    return AGENT_TASKS.add(instance, task, origin)


def revoke_agent_task(instance: Instance, task: AgentTask, origin: Origin) -> AgentTask:
    """Take a pending task back.

    Raises:
        ApiError: 400, it is not pending any more.
    """
    if task.status is not AgentTaskStatus.PENDING:
        raise ApiError.of(
            400,
            "agent_task_cannot_be_revoked",
            "cannot revoke agent task",
            "cannot revoke agent task",
        )
    return AGENT_TASKS.change(instance, task, origin, status=AgentTaskStatus.REVOKED)


def agent_task_with_url(instance: Instance, task: AgentTask) -> JsonObject:
    """Return a task with its link, which is shown once."""
    ticket = Ticket(
        kind=TICKET,
        instance_id=instance.id,
        source_id=task.id,
        expires_at_s=instance.clock.now_ms() // 1000 + LINK_LIFETIME_S,
        redirect_url=task.redirect_url,
    )
    token = sign_ticket(ticket, instance.signing_key)
    url = ticket_url(instance.identity.issuer, token)
    return {**AGENT_TASKS.resource(instance, task), "url": url}


def _check_redirect_url(instance: Instance, url: str) -> None:
    check_url(url, "redirect_url")
    schemes = ("https",) if instance.identity.production else ("https", "http")
    if url.split(":", 1)[0].lower() not in schemes:
        raise ApiError.bad_format("redirect_url", f"a URL of scheme {' or '.join(schemes)}")


def _principal(instance: Instance, principal: Principal) -> User:
    if (principal.user_id is None) is (principal.identifier is None):
        raise ApiError.bad_value("on_behalf_of", "either user_id or identifier")
    if principal.user_id is not None:
        return require_user(instance, principal.user_id)
    identifier = (principal.identifier or "").strip()
    for lookup, key in (
        ("email_address", identifier.lower()),
        ("phone_number", identifier),
        ("username", identifier.lower()),
    ):
        for user in instance.state.of(USERS).find(lookup, key):
            if lookup == "username" or _is_verified(user, key):
                return user
    raise ApiError.not_found("user with this verified identifier", identifier)


def _is_verified(user: User, key: str) -> bool:
    emails = ((email.email_address, email.standing) for email in user.email_addresses)
    phones = ((phone.phone_number, phone.standing) for phone in user.phone_numbers)
    return any(
        text == key and standing is Standing.VERIFIED for text, standing in (*emails, *phones)
    )
