import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clerk_harness.errors import ConfigurationError, MachineError
from clerk_harness.stack import StackError, Workspace
from clerk_harness.stack.workspace import default_root


def test_the_runtime_folder_is_told_or_one_s_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLERK_HARNESS_RUNTIME_DIR", str(tmp_path / "told"))
    assert default_root() == tmp_path / "told"
    monkeypatch.delenv("CLERK_HARNESS_RUNTIME_DIR")
    assert default_root().name == f"clerk-harness-{os.getuid()}"


def test_others_may_pass_through_the_folders_but_not_look(tmp_path: Path) -> None:
    with Workspace.open("modes", root=tmp_path / "runtime") as workspace:
        for folder in (workspace.root, workspace.root / "runs", workspace.folder):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o711
        assert stat.S_IMODE(workspace.subfolder("data").stat().st_mode) == 0o700


def test_a_symlink_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(ConfigurationError, match=r"link is a symlink.*CLERK_HARNESS_RUNTIME_DIR"):
        Workspace.open("test", root=tmp_path / "link")
    (tmp_path / "real" / "runs").symlink_to(tmp_path)
    with pytest.raises(ConfigurationError, match="runs is a symlink"):
        Workspace.open("test", root=tmp_path / "real")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give folders away")
def test_somebody_else_s_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(ConfigurationError, match="somebody else's"):
        Workspace.open("test", root=tmp_path / "theirs")


def test_a_folder_that_anybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(ConfigurationError, match="anybody may write"):
        Workspace.open("test", root=tmp_path / "open")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be made: Not a directory"):
        Workspace.open("test", root=tmp_path / "file" / "runtime")


def test_an_owner_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as gone:
        gone.wait()
    with pytest.raises(StackError, match=f"process {gone.pid}, which should own the run"):
        Workspace.open("test", root=tmp_path, owner_pid=gone.pid)
    assert list((tmp_path / "runs").iterdir()) == []


def test_errors_of_the_stack_are_errors_of_the_machine() -> None:
    error = StackError("a\ncause", "a remedy", subject="redis")
    assert isinstance(error, MachineError)
    assert (str(error), error.subject) == ("a cause: a remedy", "redis")


def test_nothing_heavy_is_imported_until_it_is_used() -> None:
    code = "import sys, clerk_harness.stack; print(*sys.modules)"
    imported = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    heavy = {"psycopg", "redis", "testcontainers", "docker", "psutil", "requests", "asyncio"}
    assert not heavy & set(imported)
