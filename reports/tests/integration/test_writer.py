import errno
import json
import os
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clerk_report import (
    Delivery,
    Evidence,
    FaultWindow,
    ReportError,
    Row,
    Run,
    Scenario,
    Step,
    Timeline,
    write,
)
from clerk_report.errors import LatestLinkError

MakeRun = Callable[..., Run]
FILES = {"index.html", "junit.xml", "verdict.json"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_run_becomes_a_folder_and_latest_points_at_it(make_run: MakeRun, tmp_path: Path) -> None:
    folder = write(make_run(), tmp_path / "out")
    assert folder == tmp_path / "out" / "run-1"
    assert names(folder) == FILES
    assert names(tmp_path / "out") == {"run-1", "latest"}
    assert (tmp_path / "out" / "latest").readlink() == Path("run-1")


def test_latest_moves_on_with_the_next_run(make_run: MakeRun, tmp_path: Path) -> None:
    write(make_run(run_id="run-1"), tmp_path)
    write(make_run(run_id="run-2"), tmp_path)
    assert (tmp_path / "latest" / "index.html").samefile(tmp_path / "run-2" / "index.html")
    assert names(tmp_path) == {"run-1", "run-2", "latest"}


def test_verdict_json_has_the_promised_keys(make_run: MakeRun, tmp_path: Path) -> None:
    verdict = json.loads((write(make_run(), tmp_path) / "verdict.json").read_bytes())
    assert set(verdict) == {
        "verdict",
        "duration_s",
        "seed",
        "rows",
        "run_id",
        "target",
        "started_at",
        "environment",
        "command",
        "timeline",
        "faults",
    }
    assert (verdict["verdict"], verdict["seed"], verdict["duration_s"]) == ("fail", 4711, 61.5)
    assert len(verdict["rows"]) == 8
    row = verdict["rows"][2]
    assert set(row) == {"row", "verdict", "scenarios", "evidence"}
    assert (row["row"], row["verdict"]) == ("Profile Updates", "fail")
    scenario = row["scenarios"][0]
    assert {"name", "verdict", "duration_s", "reason", "evidence", "steps"} <= set(scenario)
    assert scenario["evidence"][0]["observed"] == "1 of 3 differs in first_name"
    assert verdict["timeline"]["deliveries"] == 621
    assert verdict["timeline"]["lost"] == 1
    (fault,) = verdict["faults"]
    assert fault == {
        "name": "Postgres killed", "start_s": 30, "end_s": 32.5, "matched": None, "fired": None,
    }  # fmt: skip
    assert verdict["started_at"] == "2026-01-02T03:04:05+00:00"


def test_no_secret_is_written_in_any_format(make_run: MakeRun, tmp_path: Path) -> None:
    hidden = ["whsec_Zm9vYmFy", "sk_test_topsecret1", "hunter2pw", "ey.bearer-1", "operator-9"]
    texts = [
        f"secret {hidden[0]}",
        f"key {hidden[1]}",
        f"postgresql://u:{hidden[2]}@127.0.0.1/db",
        f"Authorization: Bearer {hidden[3]}",
        f"OPERATOR_TOKEN={hidden[4]}",
    ]
    everything = " | ".join(texts)
    claim = Evidence(everything, "fail", everything, everything, "O1", everything)
    step = Step("Given", everything, "failed", 1.0, everything)
    scenario = Scenario(everything, everything, "fail", 1.0, (step,), (claim,), everything)
    folder = write(
        make_run(
            target=everything,
            command=everything,
            environment={"NOTE": everything, "CLERK_SECRET_KEY": "anything-at-all", everything: ""},
            rows=(Row.of(everything, [scenario]),),
            timeline=Timeline(faults=(FaultWindow(everything, 1, 2),)),
        ),
        tmp_path,
    )
    for path in folder.iterdir():
        content = path.read_text()
        assert [value for value in [*hidden, "anything-at-all"] if value in content] == [], path
        assert "[redacted]" in content


def test_text_from_outside_is_text_and_not_markup(make_run: MakeRun, tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(2)> & "quotes" \' \x1b \udcff'
    claim = Evidence(hostile, "fail", hostile, hostile, "O1", hostile)
    scenario = Scenario.judged(hostile, hostile, duration_s=1, evidence=(claim,))
    folder = write(
        make_run(
            target=hostile,
            command=hostile,
            environment={hostile: hostile},
            rows=(Row.of(hostile, [scenario]),),
            timeline=Timeline(faults=(FaultWindow(hostile, 1, 2),)),
        ),
        tmp_path,
    )
    page = (folder / "index.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    json.loads((folder / "verdict.json").read_bytes())
    ET.parse(folder / "junit.xml")  # noqa: S314 - our own output


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_the_page_stays_below_a_megabyte(make_run: MakeRun, tmp_path: Path, count: int) -> None:
    deliveries = tuple(
        Delivery(i * 600 / 100_000, 3 + i % 40, "lost" if i % 9 == 0 else "ok", "load")
        for i in range(count)
    )
    folder = write(make_run(timeline=Timeline(deliveries), duration_s=600.0), tmp_path)
    page = (folder / "index.html").read_text()
    assert len(page) < 1_000_000
    assert f"{count:,} {'delivery' if count == 1 else 'deliveries'}" in page


def test_a_run_without_rows_is_unknown_everywhere(make_run: MakeRun, tmp_path: Path) -> None:
    folder = write(make_run(rows=(), environment={}, command=""), tmp_path)
    assert json.loads((folder / "verdict.json").read_bytes())["verdict"] == "unknown"
    assert "nothing was proven" in (folder / "index.html").read_text()


def test_a_seed_of_any_length_is_written(make_run: MakeRun, tmp_path: Path) -> None:
    folder = write(make_run(seed=2**70), tmp_path)
    assert json.loads((folder / "verdict.json").read_bytes())["seed"] == str(2**70)


def test_what_else_lies_in_the_folder_stays(make_run: MakeRun, tmp_path: Path) -> None:
    (tmp_path / "run-1").mkdir()
    (tmp_path / "run-1" / "worker.log").write_text("kept")
    folder = write(make_run(), tmp_path)
    write(replace(make_run(), seed=7), tmp_path)
    assert names(folder) == FILES | {"worker.log"}
    assert json.loads((folder / "verdict.json").read_bytes())["seed"] == 7


@pytest.mark.parametrize("made", ["folder", "file", "link elsewhere"])
def test_a_latest_that_is_not_ours_is_left_alone(
    make_run: MakeRun, tmp_path: Path, made: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    out = tmp_path / "out"
    out.mkdir()
    latest = out / "latest"
    if made == "folder":
        latest.mkdir()
        (latest / "mine").touch()
    elif made == "file":
        latest.write_text("mine")
    else:
        latest.symlink_to(elsewhere)
    with pytest.raises(LatestLinkError, match="was not made by clerk-harness") as caught:
        write(make_run(), out)
    assert names(caught.value.report) == FILES
    assert names(out) == {"run-1", "latest"}
    assert (latest / "mine").exists() or latest.is_symlink() or latest.read_text() == "mine"


@pytest.fixture
def _no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that knows no symbolic links, such as FAT."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "symlink", refuse)


@pytest.mark.usefixtures("_no_links")
def test_without_symbolic_links_latest_is_a_copy(make_run: MakeRun, tmp_path: Path) -> None:
    write(make_run(run_id="run-1", seed=1), tmp_path)
    write(make_run(run_id="run-2", seed=2), tmp_path)
    latest = tmp_path / "latest"
    assert latest.is_dir()
    assert not latest.is_symlink()
    assert json.loads((latest / "verdict.json").read_bytes())["seed"] == 2
    assert names(tmp_path) == {"run-1", "run-2", "latest"}


@pytest.mark.usefixtures("_no_links")
def test_a_strangers_file_in_our_copy_is_never_deleted(make_run: MakeRun, tmp_path: Path) -> None:
    write(make_run(run_id="run-1"), tmp_path)
    (tmp_path / "latest" / "notes.txt").write_text("mine")
    with pytest.raises(LatestLinkError):
        write(make_run(run_id="run-2"), tmp_path)
    assert (tmp_path / "latest" / "notes.txt").read_text() == "mine"
    assert names(tmp_path) == {"run-1", "run-2", "latest"}


@pytest.mark.parametrize("run_id", ["", "..", "latest", "a/b", ".hidden", "x" * 121, "a\n"])
def test_a_run_id_that_names_no_folder_is_refused(
    make_run: MakeRun, tmp_path: Path, run_id: str
) -> None:
    with pytest.raises(ReportError, match="cannot name a folder"):
        write(make_run(run_id=run_id), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_clear_line(
    make_run: MakeRun, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file in the way")
    with pytest.raises(ReportError, match="give a folder that you may write to") as caught:
        write(make_run(), tmp_path / "out")
    assert "\n" not in str(caught.value)
