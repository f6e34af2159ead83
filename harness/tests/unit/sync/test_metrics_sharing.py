"""Metrics of several processes in one directory: nothing twice, nothing lost, nothing stale."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from clerk_sync.metrics.labels import MOST_TYPES, OTHER, TypeLabels

COUNT = """
import os, sys, signal
from clerk_sync.metrics import Metrics, share_metrics
with share_metrics(alone=False):
    metrics = Metrics()
    metrics.count_webhook("user.created", "accepted")
    metrics.processing.observe(0.2)
    metrics.show_pool(size=10, in_use=3, waiters=1)
    if sys.argv[1:] == ["fork"] and not os.fork():
        metrics.count_webhook("user.created", "accepted")
        metrics.show_pool(size=5, in_use=2, waiters=0)
    print(flush=True)
    signal.pause()
"""
SCRAPE = """
import sys
from clerk_sync.metrics import Metrics, share_metrics
with share_metrics(alone=False):
    sys.stdout.write(Metrics().render(None).decode())
"""


@contextmanager
def counting(directory: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-c", COUNT, *arguments],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
        stdout=subprocess.PIPE,
        process_group=0,
    ) as process:
        assert process.stdout is not None
        for _ in range(2 if arguments else 1):
            process.stdout.readline()
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def scrape(directory: Path) -> dict[str, float]:
    text = subprocess.run(
        [sys.executable, "-c", SCRAPE],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_counters_of_all_are_added_up_and_live_gauges_are_those_of_the_living(
    tmp_path: Path,
) -> None:
    with counting(tmp_path), counting(tmp_path):
        both = scrape(tmp_path)
        assert (both["webhook_received_total"], both["db_pool_size"]) == (2, 20)
    none = scrape(tmp_path)
    assert none["webhook_received_total"] == none["webhook_processing_seconds_count"] == 2
    assert none["db_pool_size"] == 0


def test_who_comes_after_a_killed_one_goes_on_in_its_files(tmp_path: Path) -> None:
    for times in range(1, 6):
        with counting(tmp_path):
            found = scrape(tmp_path)
            assert (found["webhook_received_total"], found["db_pool_in_use"]) == (times, 3)
    # One for whoever counts, one for whoever scrapes: restarts leave no files behind.
    assert len(list(tmp_path.glob("counter_*.db"))) <= 2
    assert len(list(tmp_path.glob("slot-*.lock"))) <= 2


def test_a_fork_counts_for_itself(tmp_path: Path) -> None:
    with counting(tmp_path, "fork"):
        found = scrape(tmp_path)
        assert (found["webhook_received_total"], found["db_pool_size"]) == (2, 15)
    assert scrape(tmp_path)["webhook_received_total"] == 2


def test_senders_cannot_invent_time_series() -> None:
    types = TypeLabels()
    assert types.of("user.created") == "user.created"
    for odd in ("", "user", "x" * 61 + ".y", "a.b\n", "a.b c", "ü.b", "a.b" * 100):
        assert types.of(odd) == OTHER
    labels = {types.of(f"made.up_{number}") for number in range(10 * MOST_TYPES)}
    assert len(labels) == MOST_TYPES
    assert types.of("user.created") == "user.created"
