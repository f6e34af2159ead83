"""What comes about in a walk over all operations outlives ``kill -9``, and a snapshot holds it."""

import contextlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from judging.descriptions import LATEST
from judging.operations import Operations
from servers import Running, running
from walking.callers import ByHand
from walking.progress import TAGS, walk

AROUND = {"clock", "version", "draws"}
"""What a snapshot says of the instance rather than of its content."""


def _walked(server: Running, operations: Operations) -> dict[str, str]:
    """Walk over every tag, each in an instance of its own; return tag → instance id."""
    walked = {}
    for tag in TAGS:
        if not isinstance(tag, str):
            continue
        made = server.ask("POST", "/__fake__/instances", {"seed": 3}).json()
        headers = {
            "authorization": f"Bearer {made['secret_key']}",
            "clerk-api-version": LATEST,
        }
        control = f"{server.ready['url']}/__fake__/instances/{made['instance_id']}"
        with (
            httpx.Client(base_url=made["api_url"], headers=headers, timeout=60) as bapi,
            httpx.Client(base_url=control, timeout=60) as controlling,
            contextlib.suppress(pytest.skip.Exception),
        ):
            walk(tag, ByHand(bapi, controlling, operations))
        walked[tag] = made["instance_id"]
    return walked


def _content(server: Running, instance_id: str) -> dict[str, Any]:
    snapshot = server.get(f"/__fake__/instances/{instance_id}/snapshot")
    return {name: value for name, value in snapshot.items() if name not in AROUND}


def test_all_that_operations_bring_about_is_there_after_kill_9_and_in_a_snapshot(
    tmp_path: Path, operations: Operations
) -> None:
    options = ("--state", str(tmp_path / "clerk.state"))
    with running(*options) as server:
        walked = _walked(server, operations)
        before = {tag: _content(server, instance_id) for tag, instance_id in walked.items()}
        server.kill()

    with running(*options) as server:
        after = {tag: _content(server, instance_id) for tag, instance_id in walked.items()}
        for tag, instance_id in walked.items():
            assert after[tag] == before[tag], tag
            snapshot = server.get(f"/__fake__/instances/{instance_id}/snapshot")
            other = server.ask("POST", "/__fake__/instances", {}).json()["instance_id"]
            server.ask("PUT", f"/__fake__/instances/{other}/snapshot", snapshot).raise_for_status()
            assert _content(server, other) == before[tag], tag

    nouns = {name for content in before.values() for name, rows in content["state"].items() if rows}
    assert len(nouns) > 20
