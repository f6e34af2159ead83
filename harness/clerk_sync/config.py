"""The configuration: read once from the environment into one frozen object.

Every option may also come from a file: ``NAME_FILE=/run/secrets/name`` stands for the file's
content without the white space around it. A role asks only for what it needs.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from clerk_sync.errors import ConfigurationError
from clerk_sync.option_values import (
    Network,
    as_count,
    as_database_url,
    as_days,
    as_list,
    as_log_level,
    as_networks,
    as_open_or_closed,
    as_operator_tokens,
    as_outbound_url,
    as_rate,
    as_redis_url,
    as_seconds,
    as_signing_secrets,
    as_skew,
    as_text,
    as_visible,
)

__all__ = ["Role", "Settings", "read_settings"]


class Role(StrEnum):
    """The processes of the service."""

    MIGRATE = "migrate"
    API = "api"
    WORKER = "worker"
    SWEEPER = "sweeper"
    REGISTRATION = "registration"
    CONFIG = "config"
    """Shows the options, and needs none."""
    BEAT = "beat"
    RECONCILE = "reconcile"
    BACKFILL = "backfill"
    REPLAY = "replay"
    STATUS = "status"


def _option(
    env: str,
    parse: Callable[[str], Any],
    *,
    default: str | None = "",
    roles: frozenset[Role] = frozenset(),
    secret: bool = False,
) -> Any:
    """Describe one option; ``roles`` lists the processes that cannot start without it."""
    return field(
        metadata={
            "env": env,
            "parse": parse,
            "default": default,
            "roles": roles,
            "secret": secret,
        }
    )


_SAY_EMPTY: Final = frozenset(
    {as_list, as_signing_secrets, as_operator_tokens, as_networks, as_days}
)
"""Parsers that know what an option means that is not given."""
_EVERY: Final = frozenset(Role) - {Role.CONFIG}
_REPAIRING: Final = frozenset({Role.RECONCILE, Role.BACKFILL})
_ASKING: Final = _REPAIRING | {Role.WORKER, Role.BEAT}
_RUNNING: Final = _EVERY - _REPAIRING - {Role.MIGRATE, Role.REGISTRATION, Role.STATUS}
_API: Final = frozenset({Role.API})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a process was told; an option that its role does not need may be empty."""

    database_url: str = _option("DATABASE_URL", as_database_url, roles=_EVERY)
    """Postgres, ``postgresql://…``; the service chooses the driver."""
    redis_url: str = _option("REDIS_URL", as_redis_url, roles=_RUNNING)
    """Celery's broker, ``redis://…``."""
    webhook_secrets: tuple[str, ...] = _option(
        "CLERK_WEBHOOK_SIGNING_SECRET", as_signing_secrets, roles=_API, secret=True
    )
    """``whsec_…``; several, comma separated, while a secret is rotated."""
    clerk_secret_key: str = _option("CLERK_SECRET_KEY", as_visible, roles=_ASKING, secret=True)
    """Bearer key of Clerk's Backend API."""
    clerk_api_url: str = _option(
        "CLERK_API_URL", as_outbound_url, default="https://api.clerk.com/v1"
    )
    """Backend API with its version, e.g. ``https://api.clerk.com/v1``."""
    breaker_failures: int = _option("CLERK_SYNC_BREAKER_FAILURES", as_count, default="5")
    """Failed calls to Clerk in a row after which it is left alone."""
    breaker_reset_s: float = _option("CLERK_SYNC_BREAKER_RESET_S", as_seconds, default="5")
    """After so many seconds one call tries whether Clerk is back."""
    jwks_url: str = _option("CLERK_JWKS_URL", as_outbound_url, roles=_API)
    """Where the public keys of session tokens are."""
    issuer: str = _option("CLERK_ISSUER", as_text, roles=_API)
    """The only accepted ``iss`` of session tokens."""
    authorized_parties: tuple[str, ...] = _option("CLERK_AUTHORIZED_PARTIES", as_list)
    """Accepted ``azp`` origins, comma separated; empty accepts any."""
    clock_skew_s: float = _option("CLERK_SYNC_CLOCK_SKEW_S", as_skew, default="5")
    """How far Clerk's clock and ours may differ where tokens are checked, in seconds."""
    known_users_s: float = _option("CLERK_SYNC_KNOWN_USERS_S", as_seconds, default="2")
    """While Postgres does not answer, whoever was let in so many seconds ago is let in."""
    operator_tokens: tuple[str, ...] = _option(
        "CLERK_SYNC_OPERATOR_TOKEN", as_operator_tokens, secret=True
    )
    """Bearer tokens of the operator endpoints, comma separated; unset, they are all closed."""
    webhook_rate: str = _option("CLERK_SYNC_WEBHOOK_RATE", as_rate, default="10000/second")
    """Webhooks of one source, as the library ``limits`` writes it; ``off`` for no limit.

    The default is above what one process can commit: Clerk's senders share a few addresses, and
    the harness posts from one.
    """
    api_rate: str = _option("CLERK_SYNC_API_RATE", as_rate, default="2000/second")
    """Other requests of one source; ``/health/…`` is never refused."""
    failure_rate: str = _option("CLERK_SYNC_FAILURE_RATE", as_rate, default="100/minute")
    """Wrong operator tokens of one source, and by itself its forged webhooks and session tokens."""
    trusted_proxies: tuple[Network, ...] = _option("CLERK_SYNC_TRUSTED_PROXIES", as_networks)
    """Networks, comma separated, whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    max_attempts: int = _option("CLERK_SYNC_MAX_ATTEMPTS", as_count, default="8")
    """Attempts before a webhook is dead."""
    retry_base_s: float = _option("CLERK_SYNC_RETRY_BASE_S", as_seconds, default="1")
    """Pause after the first failed attempt in seconds; doubles with each further one."""
    retry_cap_s: float = _option("CLERK_SYNC_RETRY_CAP_S", as_seconds, default="300")
    """Longest pause between two attempts in seconds."""
    apply_timeout_s: float = _option("CLERK_SYNC_APPLY_TIMEOUT_S", as_seconds, default="8")
    """Longest time one attempt may take in seconds; shorter than the lease."""
    lease_s: float = _option("CLERK_SYNC_LEASE_S", as_seconds, default="10")
    """After so many seconds a claimed webhook counts as abandoned by its worker."""
    apply_batch: int = _option("CLERK_SYNC_APPLY_BATCH", as_count, default="100")
    """Most webhooks that are applied in one transaction; when fewer wait, nobody waits for more."""
    sweep_interval_s: float = _option("CLERK_SYNC_SWEEP_INTERVAL_S", as_seconds, default="0.5")
    """Pause between two sweeps in seconds."""
    sweep_after_s: float = _option("CLERK_SYNC_SWEEP_AFTER_S", as_seconds, default="1")
    """Age in seconds at which an untouched webhook is woken again."""
    registration: str = _option("CLERK_SYNC_REGISTRATION", as_open_or_closed, default="open")
    """``open`` or ``closed``: whether newcomers are let in until an operator turns the switch."""
    keep_applied_days: float | None = _option("CLERK_SYNC_KEEP_APPLIED_DAYS", as_days)
    """Days after which finished webhooks and closed sessions are deleted; empty keeps them."""
    ready_max_age_s: float = _option("CLERK_SYNC_READY_MAX_AGE_S", as_seconds, default="60")
    """Age in seconds of the oldest unapplied webhook at which readiness says *degraded*."""
    drain_notice_s: float = _option("CLERK_SYNC_DRAIN_NOTICE_S", as_seconds, default="0.25")
    """So long, in seconds, the API goes on after SIGTERM while readiness already says 503."""
    drain_s: float = _option("CLERK_SYNC_DRAIN_S", as_seconds, default="10")
    """Longest wait for requests that are under way when the API ends, in seconds."""
    reconcile_interval_s: float = _option(
        "CLERK_SYNC_RECONCILE_INTERVAL_S", as_seconds, default="3600"
    )
    """From one reconcile that ``beat`` schedules to the next in seconds."""
    log_level: str = _option("CLERK_SYNC_LOG_LEVEL", as_log_level, default="INFO")
    """Least severe level that is logged."""

    def secrets(self) -> tuple[str, ...]:
        """Return every value that must never appear in a log."""
        values: list[str] = []
        for spec in fields(self):
            if spec.metadata["secret"]:
                value = getattr(self, spec.name)
                values.extend(value if isinstance(value, tuple) else (value,))
        for url in (self.database_url, self.redis_url):
            parts = urlsplit(url)
            password = parts.password or ""
            values += [password, unquote(password), *parse_qs(parts.query).get("password", [])]
        return tuple(value for value in values if value)


def read_settings(role: Role, env: Mapping[str, str] | None = None) -> Settings:
    """Read the configuration of one process.

    Args:
        role: Decides which options are required.
        env: The environment; the process's own when omitted.

    Raises:
        ConfigurationError: An option is missing, unreadable or out of range.
    """
    source = os.environ if env is None else env
    settings = Settings(
        **{spec.name: _read(spec.metadata, role, source) for spec in fields(Settings)}
    )
    if settings.retry_base_s > settings.retry_cap_s:
        raise ConfigurationError(
            "CLERK_SYNC_RETRY_BASE_S is longer than CLERK_SYNC_RETRY_CAP_S",
            "the first pause is the shortest",
        )
    if settings.apply_timeout_s >= settings.lease_s:
        raise ConfigurationError(
            "CLERK_SYNC_APPLY_TIMEOUT_S is not shorter than CLERK_SYNC_LEASE_S",
            "a lease must outlast the attempt that it protects",
        )
    return settings


def _read(option: Mapping[str, Any], role: Role, env: Mapping[str, str]) -> Any:
    name: str = option["env"]
    given, in_file = env.get(name, "").strip(), _from_file(name, env)
    if given and in_file:
        raise ConfigurationError(f"{name} and {name}_FILE are both set", "unset one of them")
    raw = given or in_file or option["default"]
    if not raw:
        if role in option["roles"]:
            raise ConfigurationError(f"{name} is not set", f"set it, or {name}_FILE")
        return option["parse"]("") if option["parse"] in _SAY_EMPTY else ""
    try:
        return option["parse"](raw)
    except ValueError as wrong:
        reason = str(wrong) if "must" in str(wrong) else "is not a number"
        raise ConfigurationError(f"{name} {reason}", "correct it and start again") from wrong


def _from_file(name: str, env: Mapping[str, str]) -> str:
    path = env.get(f"{name}_FILE", "").strip()
    if not path:
        return ""
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ConfigurationError(
            f"the file {path!r} of {name}_FILE cannot be read", "name a readable text file"
        ) from unreadable
    if not content:
        raise ConfigurationError(
            f"the file {path!r} of {name}_FILE is empty", f"fill it, or unset {name}_FILE"
        )
    return content
