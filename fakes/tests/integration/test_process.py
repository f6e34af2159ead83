import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from clerk_harness.waiting import eventually

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested is the warning
FAKE = [sys.executable, "-m", "clerk_fake"]


@contextmanager
def _running(*options: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    process = subprocess.Popen([*FAKE, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_ready_line_tells_where_it_is_and_a_signal_ends_it_cleanly(how: signal.Signals) -> None:
    with _running("--port", "0") as (process, ready):
        assert set(ready) == {
            "url", "instance_id", "secret_key", "publishable_key", "webhook_secret", "jwks_url",
            "dashboard_url",
        }  # fmt: skip
        assert ready["url"].startswith("http://127.0.0.1:")
        assert httpx.get(f"{ready['url']}/__fake__/health").json() == {"status": "ok"}
        assert httpx.get(ready["jwks_url"]).json()["keys"][0]["kid"] == ready["instance_id"]

        process.send_signal(how)

        assert process.wait(timeout=5) == 0
        assert process.stdout is not None
        assert process.stdout.read() == b""
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_the_first_instance_takes_the_keys_that_are_given() -> None:
    secret = "whsec_" + "QUJD" * 8
    with _running("--secret-key", "sk_test_mine", "--webhook-secret", secret) as (_, ready):
        assert (ready["secret_key"], ready["webhook_secret"]) == ("sk_test_mine", secret)


def test_one_option_gives_the_first_instance_clerks_limits() -> None:
    with _running("--limits") as (_, ready):
        path = f"{ready['url']}/__fake__/instances"
        assert httpx.get(f"{path}/{ready['instance_id']}/limits").json()["enabled"] is True
        other = httpx.post(path).json()["instance_id"]
        assert httpx.get(f"{path}/{other}/limits").json()["enabled"] is False


def test_it_ends_when_its_owner_is_gone() -> None:
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        with _running("--owner-pid", str(owner.pid)) as (process, _ready):
            assert process.poll() is None
            owner.kill()
            owner.wait()
            assert process.wait(timeout=5) == 0
    finally:
        owner.kill()
        assert owner.stdin is not None
        owner.stdin.close()
        owner.wait()


def test_it_ends_at_once_when_its_owner_is_gone_already() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    ended = subprocess.run(
        [*FAKE, "--owner-pid", str(gone.pid)], capture_output=True, timeout=10, check=False
    )

    assert ended.returncode == 0


def test_a_stop_does_not_wait_for_a_receiver_that_hangs() -> None:
    with socket.socket() as silent, _running() as (process, ready):
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        base = f"{ready['url']}/__fake__/instances/{ready['instance_id']}"
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        httpx.post(f"{base}/endpoints", json={"url": url})
        httpx.post(f"{base}/trigger", json={"type": "user.created", "data": {}})
        eventually(lambda: httpx.get(f"{base}/deliveries").json()["pending"], within=5)

        started = time.monotonic()
        process.terminate()

        assert process.wait(timeout=10) == 0
        assert time.monotonic() - started < 5


def test_a_stop_does_not_wait_for_clients_that_a_fault_keeps_waiting() -> None:
    def fired() -> int:
        told = httpx.get(faults).json()["data"]
        return sum(fault["fired"] for fault in told)

    with _running() as (process, ready), ThreadPoolExecutor() as aside:
        faults = f"{ready['url']}/__fake__/faults"
        httpx.post(faults, json={"kind": "timeout", "times": 1}).raise_for_status()
        late = {"kind": "latency", "delay_s": 60, "path": "/v1/jwks"}
        httpx.post(faults, json=late).raise_for_status()
        unanswered = aside.submit(httpx.get, f"{ready['url']}/v1/users")
        eventually(lambda: fired() == 1, within=5)
        delayed = aside.submit(httpx.get, f"{ready['url']}/v1/jwks")
        eventually(lambda: fired() == 2, within=5)

        started = time.monotonic()
        process.terminate()

        assert process.wait(timeout=10) == 0
        assert time.monotonic() - started < 1.5
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert isinstance(unanswered.exception(timeout=5), httpx.ReadError)
        assert delayed.result(timeout=5).status_code == 401


def _refused(*options: str) -> str:
    ended = subprocess.run(
        [*FAKE, *options], capture_output=True, text=True, timeout=10, check=False
    )
    assert ended.returncode == 3
    assert ended.stdout == ""
    assert ended.stderr.endswith("\n")
    assert ended.stderr.count("\n") == 1
    return ended.stderr


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--colour"], "--colour"),
        (["--port", "http"], "--port"),
        (["--port", "65536"], "--port"),
        (["--owner-pid", "me"], "--owner-pid"),
        (["--log-level", "loud"], "--log-level"),
        (["--secret-key", "sk_live_x"], "live key"),
        (["--webhook-secret", "x"], "webhook_secret"),
        (["--host", "256.1.1.1"], "256.1.1.1"),
    ],
)
def test_a_bad_option_is_one_line_and_exit_3(options: list[str], named: str) -> None:
    line = _refused(*options)

    assert named in line


def test_a_busy_port_is_one_line_and_exit_3() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])

        line = _refused("--port", port)

    assert port in line
    assert "--port" in line


def test_listening_beyond_loopback_is_answered_with_a_warning() -> None:
    with _running("--host", EVERYWHERE) as (process, ready):
        assert ready["url"].startswith("http://127.0.0.1:")
        os.kill(process.pid, signal.SIGTERM)
        process.wait(timeout=5)
        assert process.stderr is not None
        assert process.stderr.read().startswith(b"clerk_fake: WARNING listening on 0.0.0.0")
