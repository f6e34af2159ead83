"""The contract between the harness and a service under test, as a target file states it.

Features use nothing but this: where webhooks go, where the API is, how one local user is read,
how the service is started, and which backing services it leans on.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Backing",
    "HttpProbeSpec",
    "ProbeSpec",
    "ProcessSpec",
    "PythonProbeSpec",
    "Role",
    "SqlProbeSpec",
    "TargetSpec",
]

Role = Literal["api", "worker", "other"]
Backing = Literal["postgres", "redis"]
Command = Annotated[tuple[str, ...], Field(min_length=1)]


class _Table(BaseModel):
    """A TOML table: unknown keys are errors, so that a typing slip is never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProcessSpec(_Table):
    """One process of the service, started, killed and restarted by the harness.

    Attributes:
        command: Argument vector; the first is looked up on PATH.
        role: ``worker`` processes are the ones that the background row kills.
        ready_url: Polled until it answers 2xx.
        ready_log: Text that the process prints when it is ready.
        ready_within_s: Limit for either, in seconds.
    """

    name: str
    command: Command
    role: Role = "other"
    env: dict[str, str] = {}
    ready_url: str | None = None
    ready_log: str | None = None
    ready_within_s: float = Field(default=20, gt=0)


class SetupSpec(_Table):
    """A command that runs once before the processes, such as a migration."""

    command: Command
    within_s: float = Field(default=60, gt=0)


class PingSpec(_Table):
    """A POST that sends one task through the broker and answers 2xx once a worker has run it."""

    url: str
    headers: dict[str, str] = {}


class ClerkSpec(_Table):
    """Keys that a service is already configured with; left out, each run has fresh ones."""

    secret_key: str | None = None
    publishable_key: str | None = None
    webhook_secret: str | None = None


class FieldsSpec(_Table):
    """Where each fact stands in what the probe reads: a key, or a path such as ``profile.first``.

    A field that is left out is not compared. ``id`` is required; a row that is absent, or whose
    ``active`` is false, is a deleted user. ``version`` holds Clerk's ``updated_at`` in ms.
    """

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    image_url: str | None = None
    external_id: str | None = None
    public_metadata: str | None = None
    banned: str | None = None
    locked: str | None = None
    active: str | None = None
    version: str | None = None

    def compared(self) -> dict[str, str]:
        """The fields that must equal Clerk's, with their paths."""
        apart = {"id", "active", "version"}
        return {name: path for name, path in self if path is not None and name not in apart}


class _ReadSpec(_Table):
    """What every declared probe says: how one user is read, and what else it can list.

    Attributes:
        user: URL or SQL that reads one user; ``{clerk_id}`` or ``:clerk_id`` stands for the id.
        users: Lists all; without it phantom rows cannot be looked for (O3).
        inbox: Lists received messages; without it O2 is judged by effects alone.
        effects: Lists side effects; without it O5 cannot be judged.
    """

    user: str
    users: str | None = None
    inbox: str | None = None
    effects: str | None = None
    fields: FieldsSpec


class HttpProbeSpec(_ReadSpec):
    """Reads over HTTP; 404 means that there is no such user."""

    kind: Literal["http"]
    headers: dict[str, str] = {}


class SqlProbeSpec(_ReadSpec):
    """Reads over SQL, through SQLAlchemy; the columns are what ``fields`` names."""

    kind: Literal["sql"]
    url: str = "{database_url}"


class PythonProbeSpec(_Table):
    """Reads through the user's own code: ``factory(values)`` returns a :class:`Probe`."""

    kind: Literal["python"]
    factory: str = Field(pattern=r"^[\w.]+:\w+$")


ProbeSpec = Annotated[HttpProbeSpec | SqlProbeSpec | PythonProbeSpec, Field(discriminator="kind")]


class TargetSpec(_Table):
    """A whole target file.

    Attributes:
        webhook_url: Where Clerk delivers to.
        api_url: Base of the service's API.
        protected_path: A GET that demands a session token: 200 with a good one.
        background_ping: For the doctor: is there a worker at the other end of the queue?
        leans_on: Backing services that the harness provides, and may kill.
        env: Environment of set-up commands and processes; Clerk's own variables are there anyway.
        folder: Where the file lies; commands run there, Python probes are imported from there.
    """

    name: str
    webhook_url: str
    api_url: str
    protected_path: str | None = None
    background_ping: PingSpec | None = None
    clerk: ClerkSpec = ClerkSpec()
    leans_on: tuple[Backing, ...] = ("postgres", "redis")
    setup: tuple[SetupSpec, ...] = ()
    processes: tuple[ProcessSpec, ...] = ()
    env: dict[str, str] = {}
    probe: ProbeSpec
    folder: Path = Path()
