"""A service under test that is up: its processes, its Clerk, what it leans on, how it is read."""

import secrets
import sys
from collections.abc import Mapping

import httpx

from clerk_harness.clerk import ClerkInstance, ClerkServer
from clerk_harness.errors import HarnessError, MachineError, NotDeclaredError
from clerk_harness.stack import BackingService, Command, Process, Stack, Workspace
from clerk_harness.stack.ports import free_port
from clerk_harness.target.contract import Backing, ProcessSpec, Role, TargetSpec
from clerk_harness.target.file import fill, fill_text
from clerk_harness.target.probes import Probe, open_probe

__all__ = ["Deployment", "NoAnswerError"]

_RETRY_AFTER_S = (0, 0.5, 1, 2, 4, 8, 15, 30)
"""Svix's 27.6 hours, compressed so that a run need not turn the clock away from the service's."""

_OVERLOAD_S = 1
"""Svix's pause after a timeout, compressed likewise."""

_LOG_LINES = 1000


class NoAnswerError(AssertionError):
    """The service under test did not answer at all, which no service should do to anybody."""


class Deployment:
    """Everything that a feature may touch of a service under test.

    Attributes:
        spec: The target file, placeholders filled in.
        clerk: The instance that this service belongs to.
        probe: Reads what the service holds.
        stack: What it leans on; None when it leans on nothing.
        endpoint_id: Where Clerk delivers this instance's events.
    """

    def __init__(
        self, spec: TargetSpec, *, workspace: Workspace, clerk: ClerkInstance, stack: Stack | None
    ) -> None:
        run_folder = str(workspace.subfolder("service"))
        values = {**_values(spec, clerk, stack), "run_folder": run_folder}
        self.spec = fill(spec, values)
        self.clerk = clerk
        self.probe: Probe = open_probe(self.spec.probe, values=values, folder=spec.folder)
        self.endpoint_id = ""
        self._workspace = workspace
        self.stack = stack
        self._processes: dict[str, Process] = {}
        self._http = httpx.Client(timeout=15, trust_env=False)

    @classmethod
    def start(
        cls, spec: TargetSpec, *, workspace: Workspace, server: ClerkServer, stack: Stack | None
    ) -> "Deployment":
        """Make an instance for the service, start it and wait until it is ready.

        Raises:
            HarnessError: Something did not come up; names what, and shows its last words.
        """
        clerk = server.new_instance(**spec.clerk.model_dump(exclude_none=True))
        deployment = cls(spec, workspace=workspace, clerk=clerk, stack=stack)
        deployment.set_up()
        for process in deployment.spec.processes:
            deployment._spawn(process)
        for process in deployment.spec.processes:
            deployment._wait_for(process)
        deployment._try_probe()
        clerk.endpoints.retry_after(*_RETRY_AFTER_S, overload_s=_OVERLOAD_S)
        deployment.endpoint_id = clerk.endpoints.add(deployment.spec.webhook_url)
        return deployment

    def backing(self, which: Backing) -> BackingService:
        """The service's database or broker, to be killed and restarted.

        Raises:
            NotDeclaredError: The target does not lean on one.
        """
        if self.stack is None or which not in self.spec.leans_on:
            raise NotDeclaredError(
                f"{self.spec.name} does not lean on {which}",
                "declare it under leans_on in the target file if it does",
            )
        return self.stack.postgres if which == "postgres" else self.stack.redis

    def env(self) -> dict[str, str]:
        """Variables that lead a program to this Clerk, this service and what it leans on."""
        return {**self.clerk.env(), **self.spec.env}

    def set_up(self) -> None:
        """Run the set-up commands, such as the migration.

        Raises:
            MachineError: One exited with an error; shows its last words.
        """
        for setup in self.spec.setup:
            process = self._workspace.spawn(self._command("setup", setup.command, {}))
            if process.wait(setup.within_s):
                raise MachineError(
                    f"set-up command {' '.join(setup.command)} exited with {process.returncode}",
                    f"its last words: {process.log_tail(5)}",
                )

    def running(self, role: Role) -> bool:
        """Whether any process of that role runs."""
        return any(self._processes[spec.name].running() for spec in self._of(role))

    def kill(self, role: Role) -> None:
        """SIGKILL every process of that role, children included."""
        for spec in self._of(role):
            self._processes[spec.name].kill()

    def restart(self, role: Role) -> None:
        """Start every process of that role again and wait until it is ready."""
        for spec in self._of(role):
            self._spawn(spec)
        for spec in self._of(role):
            self._wait_for(spec)

    def protected(self, token: str | None) -> httpx.Response:
        """Ask the protected path, with this session token or without any.

        Raises:
            HarnessError: The target declares no such path.
        """
        if self.spec.protected_path is None:
            raise HarnessError(
                f"{self.spec.name} declares no protected_path", "add one to the target file"
            )
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self._ask("GET", f"{self.spec.api_url}{self.spec.protected_path}", headers)

    def deliver(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Post to the webhook route, as Clerk or as somebody who pretends to be it."""
        sent = {"Content-Type": "application/json", **headers}
        return self._ask("POST", self.spec.webhook_url, sent, body)

    def ping_background(self) -> float:
        """Send a task through the broker to a worker and back; returns milliseconds.

        Raises:
            NotDeclaredError: The target declares no ``background_ping``.
            HarnessError: Nothing came back.
        """
        if (ping := self.spec.background_ping) is None:
            raise NotDeclaredError(
                f"{self.spec.name} declares no background_ping", "add one to the target file"
            )
        answer = self._ask("POST", ping.url, ping.headers)
        if not answer.is_success:
            raise HarnessError(f"{ping.url} was answered {answer.status_code}", answer.text[:200])
        return 1000 * answer.elapsed.total_seconds()

    def stop(self) -> None:
        """Stop the processes, last started first; the stack and the fake belong to others."""
        for process in reversed(self._processes.values()):
            process.terminate()
        self._http.close()
        self.clerk.close()

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> httpx.Response:
        try:
            return self._http.request(method, url, headers=headers, content=body)
        except httpx.TransportError as problem:
            raise NoAnswerError(f"{self.spec.name} gave no answer at {url}: {problem}") from problem

    def _of(self, role: Role) -> list[ProcessSpec]:
        of_role = [spec for spec in self.spec.processes if spec.role == role]
        if not of_role:
            # A service that we did not start may well have one, for all we know.
            kind = NotDeclaredError if self.spec.processes else HarnessError
            raise kind(
                f"{self.spec.name} declares no process of role {role}",
                "declare it under [[processes]] so that it can be killed and restarted",
            )
        return of_role

    def _try_probe(self) -> None:
        """Read everything once: a probe that does not fit is a matter of configuration."""
        self.probe.user("user_nobody")
        for listing in (self.probe.users, self.probe.inbox, self.probe.effects):
            listing()

    def _spawn(self, spec: ProcessSpec) -> None:
        command = self._command(spec.name, spec.command, spec.env)
        self._processes[spec.name] = self._workspace.spawn(command)

    def _command(self, name: str, argv: tuple[str, ...], env: Mapping[str, str]) -> Command:
        given = {**self.env(), **env}
        return Command(name=name, argv=argv, env=given, cwd=self.spec.folder)

    def _wait_for(self, spec: ProcessSpec) -> None:
        process = self._processes[spec.name]
        if (text := spec.ready_log) is not None:
            process.wait_until(
                lambda: text in process.log_tail(_LOG_LINES),
                within=spec.ready_within_s,
                what=f"saying {text!r}",
            )
        if (url := spec.ready_url) is not None:
            process.wait_until(
                lambda: self._answers(url), within=spec.ready_within_s, what=f"answering {url}"
            )

    def _answers(self, url: str) -> bool:
        try:
            return self._http.get(url, timeout=2).is_success
        except httpx.HTTPError:
            return False


def _values(spec: TargetSpec, clerk: ClerkInstance, stack: Stack | None) -> Mapping[str, str]:
    """What the placeholders of a target file stand for; ``docs/targets.md`` lists them."""
    keys = clerk.keys
    values = {
        "python": sys.executable,
        "port": str(free_port()),
        "operator_token": secrets.token_urlsafe(24),
        "clerk_url": keys.api_url.removesuffix("/v1"),
        "clerk_api_url": keys.api_url,
        "instance_id": keys.instance_id,
        "secret_key": keys.secret_key,
        "publishable_key": keys.publishable_key,
        "webhook_secret": keys.webhook_secret,
        "issuer": keys.issuer,
        "jwks_url": keys.jwks_url,
        "jwt_key": keys.public_key_pem,
    }
    if stack is not None:
        values |= {"database_url": stack.postgres.url, "redis_url": stack.redis.url}
    return {**values, "api_url": fill_text(spec.api_url, values)}
