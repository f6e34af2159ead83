"""The pages, rendered."""

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.model.messages import message_status
from clerk_fake.model.sessions.entity import SESSIONS
from clerk_fake.model.users.entity import USERS
from clerk_fake.model.users.resource import user_resource

if TYPE_CHECKING:
    from jinja2 import Environment

    from clerk_fake.webhooks.attempts import Attempt

__all__ = ["index_page", "instance_page"]

ROWS_SHOWN: Final = 100


def index_page(instances: Instances) -> str:
    """Return the list of instances, the first ``ROWS_SHOWN`` of them."""
    rows = [
        {
            "id": instance.id,
            "host": instance.identity.frontend_host,
            "users": len(instance.state.of(USERS)),
            "messages": len(instance.log),
        }
        for instance in islice(instances, ROWS_SHOWN)
    ]
    return _render("index.html", instances=rows, total=len(instances))


def instance_page(instance: Instance) -> str:
    """Return the youngest users and messages of an instance, with their attempts."""
    now = instance.clock.now_ms()
    users = instance.state.of(USERS)
    newest = list(instance.log.after(len(instance.log) - ROWS_SHOWN))[::-1]
    shown = {event.id for event in newest}
    attempts: dict[str, list[Attempt]] = {}
    for attempt in instance.attempts.after(0):
        if attempt.message_id in shown:
            attempts.setdefault(attempt.message_id, []).append(attempt)
    return _render(
        "instance.html",
        identity=instance.identity,
        now=_moment(now),
        frozen=instance.clock.frozen,
        pending=instance.dispatcher.pending,
        endpoints=list(instance.endpoints),
        failing={
            each.endpoint_id: _moment(each.since)
            for each in instance.outbox.failures
            if each.since is not None
        },
        users=[
            user_resource(u, now, instance.home_url)
            for u in islice(users.newest_first(), ROWS_SHOWN)
        ],
        total_users=len(users),
        total_sessions=len(instance.state.of(SESSIONS)),
        messages=[
            {
                "event": event,
                "at": _moment(event.timestamp),
                "status": message_status(instance, event),
                "attempts": attempts.get(event.id, []),
                "next_attempt": _next_attempt(attempts.get(event.id, [])),
            }
            for event in newest
        ],
        total_messages=len(instance.log),
    )


def _next_attempt(attempts: "list[Attempt]") -> str | None:
    dues = {each.endpoint_id: each.next_attempt_at for each in attempts}
    waiting = [due for due in dues.values() if due is not None]
    return _moment(min(waiting)) if waiting else None


def _moment(time_ms: int) -> str:
    try:
        moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    except (OverflowError, ValueError):  # a snapshot may say any time
        return f"{time_ms} ms"
    return moment.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00") + " UTC"


def _render(name: str, **context: object) -> str:
    return _environment().get_template(name).render(**context)


def _environment() -> "Environment":
    # Imported late: a server whose dashboard nobody opens starts without jinja2.
    from importlib.resources import files  # noqa: PLC0415

    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415

    templates = files("clerk_fake.dashboard") / "templates"
    return Environment(
        autoescape=True,
        loader=FunctionLoader(lambda name: (templates / name).read_text()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
