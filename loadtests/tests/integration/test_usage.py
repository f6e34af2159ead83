"""Bad input ends in one line and exit 3, before Locust is even imported."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clerk_harness.waiting import eventually


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"url": "http://example.com/hook"}, "host 'example.com' is not this machine"),
        ({"rate": 0}, "rate 0 is out of range"),
        ({"secret": "sk_test_x"}, "secret cannot sign"),
        ({"rats": 5}, "the plan has unknown rats"),
    ],
)
def test_a_bad_plan_is_one_line_and_exit_3(loader: Any, fields: dict[str, Any], line: str) -> None:
    load = loader.run(**({"url": "http://127.0.0.1:9/", "count": 1, "rate": 1} | fields))
    assert load.code == 3
    assert load.err.startswith(f"clerk_load: {line}")
    assert load.err.count("\n") == 1
    assert load.out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["--plan"], ["--nonsense"], ["--plan", "missing.json", "--out", "x"]]
)
def test_a_bad_call_is_one_line_and_exit_3(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clerk_load", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (3, 1, "")


def test_a_folder_that_cannot_be_made_is_one_line_and_exit_3(loader: Any) -> None:
    (loader.folder / "out").write_text("in the way")
    load = loader.run("http://127.0.0.1:9/", 1, 1)
    assert load.code == 3
    assert "give another --out" in load.err
    assert load.err.count("\n") == 1


def test_a_locustfile_runs_the_plan_of_the_environment(receive: Any, loader: Any) -> None:
    receiver = receive()
    plan = loader.plan(receiver.url, 30, 100)
    import clerk_load  # noqa: PLC0415 - its place only; the package itself imports nothing

    locustfile = Path(clerk_load.__file__).with_name("locustfile.py")
    command = ["-f", locustfile, "--headless", "-u", "3", "-t", "3", "--json", "--skip-log-setup"]
    done = subprocess.run(
        [sys.executable, "-m", "locust", *command],
        capture_output=True,
        text=True,
        env={"CLERK_LOAD_PLAN": str(plan), "PATH": ""},
        check=False,
        timeout=60,
    )
    assert sum(entry["num_requests"] for entry in json.loads(done.stdout)) == 30, done.stderr
    assert len(receiver.requests) == 30


def test_a_locustfile_without_a_plan_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import clerk_load.locustfile"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": ""},
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr == "clerk_load: CLERK_LOAD_PLAN is not set: let it name a plan.json\n"


def test_judging_a_load_does_not_need_locust() -> None:
    """Importing Locust patches the process, so only what runs a load may do it."""
    check = (
        "import sys, clerk_load.__main__, clerk_load.result, clerk_load.delivery;"
        "sys.exit(bool({'gevent', 'locust'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_an_earlier_result_is_not_taken_for_this_one(receive: Any, loader: Any) -> None:
    """A load that dies leaves no figures, rather than those of the load before."""
    receiver = receive(answer=lambda _: None)
    folder = loader.folder / "out"
    folder.mkdir()
    (folder / "load.json").write_text("{}")
    (folder / "kept.txt").write_text("mine")
    process = loader.start(loader.plan(receiver.url, 1, 1))
    eventually(lambda: receiver.requests, within=20)
    process.kill()
    loader.end(process)
    assert [path.name for path in folder.iterdir()] == ["kept.txt"]
