"""Test runs: trying a connection out before it is active. The identity provider is never asked."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.connections.entity import CONNECTIONS, Connection
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = ["RUNS", "Run", "RunStatus", "run_url", "start_run"]


class RunStatus(StrEnum):
    """How a run stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """A run; ``created_at`` is Unix ms."""

    id: str
    connection_id: str
    status: RunStatus
    created_at: int


def _resource(instance: Instance, run: Run) -> JsonObject:
    connection = CONNECTIONS.table(instance).get(run.connection_id)
    is_saml = connection is not None and connection.saml is not None
    return {
        "id": run.id,
        "status": run.status.value,
        "connection_type": "saml" if is_saml else "oauth",
        "parsed_user_info": None,
        "logs": [],
        "saml": None,
        "oauth": None,
        "created_at": run.created_at,
    }


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
    """Begin a run; it stays pending, since nobody asks the identity provider."""
    run = Run(RUNS.new_id(instance), connection.id, RunStatus.PENDING, instance.clock.now_ms())
    return RUNS.add(instance, run, origin)


def run_url(instance: Instance, run: Run) -> str:
    """Return where a person would be sent to try."""
    return f"{instance.identity.issuer}/v1/enterprise_connections/test/{run.id}"
