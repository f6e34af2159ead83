from collections.abc import Iterator
from pathlib import Path

import pytest

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack import Stack, StackError, Workspace, open_stack
from clerk_harness.stack.external import ExternalPostgres, ExternalRedis

SECRET = "hunter2"


@pytest.fixture
def somebody_s(runtime: Path) -> Iterator[Stack]:
    with Workspace.open("somebody's", root=runtime) as workspace:
        yield open_stack("embedded", workspace)


def test_an_external_stack_is_used_and_checked_but_never_touched(
    somebody_s: Stack, workspace: Workspace
) -> None:
    stack = open_stack(
        "external",
        workspace,
        postgres_url=somebody_s.postgres.url,
        redis_url=somebody_s.redis.url,
    )
    assert stack.mode == "external"
    for service, theirs in ((stack.postgres, somebody_s.postgres), (stack.redis, somebody_s.redis)):
        assert service.healthy()
        assert (service.port, service.url) == (theirs.port, theirs.url)
        for act in (service.kill, service.restart, service.freeze, service.thaw):
            with pytest.raises(StackError, match=r"is external and cannot be .*: use the embedded"):
                act()
        service.stop()
        assert service.healthy()
        theirs.kill()
        assert not service.healthy()
    somebody_s.postgres.restart()
    assert stack.postgres.create_database("more").endswith("/more")


@pytest.mark.parametrize(
    "service",
    [
        ExternalPostgres(f"postgresql://me:{SECRET}@127.0.0.1:1/db"),
        ExternalRedis(f"redis://:{SECRET}@127.0.0.1:1/0"),
    ],
)
def test_an_unreachable_service_is_named_in_one_line_without_its_password(
    service: ExternalPostgres | ExternalRedis,
) -> None:
    with pytest.raises(StackError, match=rf"{service.name} at 127\.0\.0\.1:1 does not") as told:
        service.start()
    assert "\n" not in str(told.value)
    assert SECRET not in str(told.value)


def test_opening_an_external_stack_checks_it(workspace: Workspace) -> None:
    with pytest.raises(StackError, match="does not answer"):
        open_stack(
            "external",
            workspace,
            postgres_url="postgresql://127.0.0.1:1/db",
            redis_url="redis://127.0.0.1:1",
        )


@pytest.mark.parametrize(
    ("postgres_url", "redis_url", "cause"),
    [
        ("postgresql://h/db", None, "takes both"),
        ("mysql://h/db", "redis://h", "URL of postgres must begin with postgresql://"),
        ("postgresql:///db", "redis://h", "name a host"),
        ("postgresql://h/db", "http://h", "URL of redis must begin with redis://"),
        ("postgresql://h:99999/db", "redis://h", "no valid port"),
    ],
)
def test_urls_that_cannot_be_used_are_refused(
    postgres_url: str, redis_url: str | None, cause: str, workspace: Workspace
) -> None:
    with pytest.raises(ConfigurationError, match=cause):
        open_stack("external", workspace, postgres_url=postgres_url, redis_url=redis_url)


def test_a_url_does_not_go_with_services_of_our_own(workspace: Workspace) -> None:
    with pytest.raises(ConfigurationError, match="choose the external stack"):
        open_stack("embedded", workspace, redis_url="redis://127.0.0.1")


def test_an_unknown_kind_of_stack_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ConfigurationError, match="choose embedded, external, docker"):
        open_stack("cloud", workspace)
