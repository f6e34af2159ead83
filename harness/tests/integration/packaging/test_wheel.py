"""The wheel, in clean environments outside the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def run(*argv: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [str(part) for part in argv],
        cwd=cwd,
        env={**clean, **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    run(sys.executable, *build, cwd=folder)
    [built] = folder.glob("*.whl")
    return built


def make_environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def readme_test() -> str:
    text = (ROOT / "README.md").read_text("utf-8")
    return text.split("```python\n", 1)[1].split("```", 1)[0]


def test_the_wheel_has_the_five_packages_the_features_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"clerk_fake", "clerk_harness", "clerk_load", "clerk_report", "clerk_sync"}
    assert "clerk_harness/features/registration.feature" in names
    assert not [name for name in names if "test_" in name]


def test_the_readmes_first_test_is_short() -> None:
    lines = [line for line in readme_test().splitlines() if line.strip()]
    assert 1 < len(lines) <= 5


def test_the_readmes_first_test_passes_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "venv")
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    (tmp_path / "test_first.py").write_text(readme_test(), "utf-8")
    done = run(python, "-m", "pytest", "-q", cwd=tmp_path)
    assert "1 passed" in done.stdout


def test_the_main_job_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Its dependencies are borrowed from here; the five packages are the wheel's."""
    python = make_environment(tmp_path / "venv")
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    borrowed = {"PYTHONPATH": sysconfig.get_paths()["purelib"]}
    where = "import clerk_harness; print(clerk_harness.__file__)"
    ours = run(python, "-P", "-c", where, cwd=tmp_path).stdout
    assert str(tmp_path) in ours
    row = ("--row", "User Registration")
    run(python, "-P", "-m", "clerk_harness", "validate", *row, cwd=tmp_path, **borrowed)
    assert (tmp_path / "reports" / "out" / "latest" / "index.html").exists()
