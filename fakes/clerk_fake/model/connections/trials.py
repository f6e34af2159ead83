"""Test runs: trying a connection out before it is active.

The identity provider is never asked, so a run stays pending until a test says how it ended.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject, Length
from clerk_fake.model.connections.entity import CONNECTIONS, Connection
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = ["RUNS", "Run", "RunResult", "RunStatus", "finish_run", "run_url", "start_run"]


class RunStatus(StrEnum):
    """How a run stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ParsedUser:
    """Who the identity provider says it is; names are those of Clerk's API."""

    email_address: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What was noted on the way."""

    level: Annotated[str, Length(1, 20)]
    message: str
    code: str | None = None
    short_message: str | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended, as the control plane takes it."""

    status: Literal["success", "failed"]
    parsed_user_info: ParsedUser | None = None
    logs: tuple[LogEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A run; times are Unix ms."""

    id: str
    connection_id: str
    status: RunStatus
    created_at: int
    updated_at: int
    user: ParsedUser | None = None
    logs: tuple[LogEntry, ...] = ()


def _resource(instance: Instance, run: Run) -> JsonObject:
    connection = CONNECTIONS.table(instance).get(run.connection_id)
    is_saml = connection is not None and connection.saml is not None
    return {
        "id": run.id,
        "status": run.status.value,
        "connection_type": "saml" if is_saml else "oauth",
        "parsed_user_info": None if run.user is None else _known(run.user),
        "logs": [_known(entry) for entry in run.logs],
        "saml": None,
        "oauth": None,
        "created_at": run.created_at,
    }


def _known(part: ParsedUser | LogEntry) -> JsonObject:
    return {name: value for name, value in asdict(part).items() if value is not None}


RUNS: Final = Kind(
    Noun(
        "enterprise_connection_test_runs", Run, {"connection_id": lambda run: (run.connection_id,)}
    ),
    what="test run",
    prefix="entrun",
    wire_name="enterprise_connection_test_run",
    resource=_resource,
)


def start_run(instance: Instance, connection: Connection, origin: Origin) -> Run:
    """Begin a run.

    Raises:
        ApiError: 400, an OpenID Connect provider could not even be reached.
    """
    oidc = connection.oidc
    if oidc is not None and (oidc.missing or not oidc.client_secret):
        raise ApiError.of(
            400,
            "oauth_debug_provider_not_configured",
            "OAuth provider not configured",
            "You must configured at least the Client ID, Client Secret, Authorization URL "
            "and Token URL endpoints to start a test run",
        )
    now = instance.clock.now_ms()
    run = Run(RUNS.new_id(instance), connection.id, RunStatus.PENDING, now, now)
    return RUNS.add(instance, run, origin)


def finish_run(instance: Instance, run: Run, result: RunResult, origin: Origin) -> Run:
    """Say how a pending run ended.

    Raises:
        ApiError: 422, it has ended already.
    """
    if run.status is not RunStatus.PENDING:
        raise ApiError.bad_value("run_id", f"that of a pending run: {run.id} has ended")
    status = RunStatus(result.status)
    return RUNS.change(
        instance, run, origin, status=status, user=result.parsed_user_info, logs=result.logs
    )


def run_url(instance: Instance, run: Run) -> str:
    """Return where a person would be sent to try."""
    return f"{instance.identity.issuer}/v1/enterprise_connections/test/{run.id}"
