"""Health: readiness names every cause; the deep look really uses what the service leans on."""

from typing import Any

import psycopg
import pytest

from clerk_harness.stack import Stack
from clerk_sync.config import Role, Settings, read_settings
from clerk_sync.store.models import SCHEMA_REVISION

pytestmark = pytest.mark.asyncio

OPERATOR = {"Authorization": "Bearer operator-token"}


def age(database_url: str, **values: str) -> None:
    """Change the columns of every webhook behind the service's back."""
    changes = ", ".join(f"{column} = {value}" for column, value in values.items())
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"UPDATE inbox SET {changes}".encode())  # noqa: S608 - of this file


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"wake_at": "now() - interval '60 seconds'"}, "no sweeper has looked for 60 s"),
        (
            {"wakes": "5", "wake_at": "now() + interval '60 seconds'"},
            "no worker comes for 1 webhooks",
        ),
        (
            {
                "received_at": "now() - interval '90 seconds'",
                "wake_at": "now() + interval '60 seconds'",
            },
            "the oldest of 1 unapplied webhooks has waited for 90 s",
        ),
    ],
)
async def test_work_that_stands_still_is_degraded_and_the_cause_is_named(
    service: Any, database_url: str, changes: dict[str, str], cause: str
) -> None:
    await service.deliver("user.created")
    age(database_url, **changes)
    answer = await service.http.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert cause in answer.json()["work"]
    assert answer.json()["work"] in answer.json()["causes"]


async def test_work_that_is_done_is_no_cause_however_old(service: Any, database_url: str) -> None:
    await service.process("user.created")
    age(database_url, received_at="now() - interval '1 day'", wakes="9", wake_at="now()")
    assert (await service.http.get("/health/ready")).json()["work"] == "ok"


async def test_the_deep_look_is_for_operators_and_says_which_check_failed_and_how_long_it_took(
    service: Any, database_url: str
) -> None:
    assert (await service.http.get("/health/deep")).status_code == 401
    answer = await service.http.get("/health/deep", headers=OPERATOR)
    checks = answer.json()["checks"]
    assert set(checks) == {"postgres", "schema", "redis", "worker", "signing_keys", "clerk"}
    assert all(check["ms"] < 6500 for check in checks.values())
    assert checks["postgres"]["ok"] is checks["schema"]["ok"] is checks["redis"]["ok"] is True
    # No worker runs here, so 503 with one line that says so.
    assert (answer.status_code, checks["worker"]["ok"]) == (503, False)
    assert "no worker echoed" in checks["worker"]["error"]
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT open FROM switches WHERE name = 'probe'").fetchone()
    assert found == (True,)


async def test_the_deep_look_finds_an_old_schema(service: Any, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        try:
            answer = await service.http.get("/health/deep", headers=OPERATOR)
        finally:
            connection.execute("UPDATE alembic_version SET version_num = %s", [SCHEMA_REVISION])
    assert "run migrate" in answer.json()["checks"]["schema"]["error"]


async def test_with_everything_gone_the_deep_look_answers_in_time_and_never_500(
    mortal_env: dict[str, str], mortal: Stack, open_service: Any
) -> None:
    settings: Settings = read_settings(
        Role.API, mortal_env | {"CLERK_API_URL": "http://127.0.0.1:9/v1"}
    )
    async with open_service(settings) as service:
        mortal.postgres.freeze()
        mortal.redis.kill()
        try:
            answer = await service.http.get("/health/deep", headers=OPERATOR)
        finally:
            mortal.postgres.thaw()
            mortal.redis.restart()
        checks = answer.json()["checks"]
        assert answer.status_code == 503
        assert {name for name, check in checks.items() if check["ok"]} <= {"signing_keys"}
        assert all(check["ms"] < 7000 for check in checks.values())
        assert "\n" not in "".join(check.get("error", "") for check in checks.values())
