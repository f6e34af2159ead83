"""14: what was acknowledged, and whoever dies afterwards."""

from typing import Any

from running import echoed

from clerk_harness.stack import Stack
from clerk_harness.waiting import eventually


def test_14_what_was_acknowledged_survives_every_process_and_both_stores(
    processes: Any, mortal: Stack
) -> None:
    port = processes.url.rpartition(":")[2]
    processes.worker.kill()
    processes.sweeper.kill()
    mortal.redis.kill()
    sent = [processes.deliver("user.created", f"user_{number}") for number in range(20)]
    processes.api.kill()
    mortal.postgres.kill()
    mortal.postgres.restart()
    mortal.redis.restart()
    for role, *arguments in (("api", "--port", port), ("worker",), ("sweeper",)):
        processes.start(role, *arguments)
    eventually(lambda: echoed(processes.url), within=30, describe="an echo of the worker")
    rows = processes.wait_applied(sent, within=30)
    assert {row["applications"] for row in rows} == {1}
    welcomed = processes.get("/effects?limit=1000")["data"]
    assert sorted(effect["svix_id"] for effect in welcomed) == sorted(sent)
