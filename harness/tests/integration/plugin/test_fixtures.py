"""The plugin as a user's suite meets it: an inner pytest, loaded by its entry point."""

import psutil
import pytest

README_TEST = """
def test_a_new_user_gets_a_token_that_verifies(clerk):
    ada = clerk.users.create("ada@example.com")
    token = clerk.sessions.token(clerk.sessions.create(ada))
    assert clerk.verify(token)["sub"] == ada.id
"""

SUITE_WITH_APPS = """
import asyncio
import time
import pytest


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def wsgi(environ, start_response):
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("204 No Content", [])
    return [b""]


def broken(environ, start_response):
    start_response("500 Oops", [])
    return [b""]


@pytest.mark.parametrize("app", [asgi, wsgi])
def test_an_app_receives(clerk, clerk_webhooks, app):
    clerk_webhooks.deliver_to(app)
    ada = clerk.users.create("ada@example.com")
    message = clerk_webhooks.wait_for("user.created", ada)
    assert message.data["id"] == ada.id


def test_a_failing_app_is_told_of(clerk, clerk_webhooks):
    clerk_webhooks.deliver_to(broken)
    ada, _ben = (clerk.users.create(f"{name}@example.com") for name in ("ada", "ben"))
    with pytest.raises(AssertionError, match="attempt 1 at http://.*: 500") as told:
        clerk_webhooks.wait_for("user.created", ada, within=1)
    assert str(told.value).startswith(f"user.created of {ada.id} was not acknowledged")
    assert str(told.value).count("attempt 1 ") == 1


def slow(environ, start_response):
    time.sleep(3)  # an app that hangs is what is tested
    start_response("204 No Content", [])
    return [b""]


def test_a_slow_app_is_told_from_a_missing_endpoint(clerk, clerk_webhooks):
    clerk.users.create("ada@example.com")
    with pytest.raises(AssertionError, match="there is no endpoint"):
        clerk_webhooks.wait_for("user.created", within=0.2)
    clerk_webhooks.deliver_to(slow)
    ben = clerk.users.create("ben@example.com")
    with pytest.raises(AssertionError, match="has not answered yet"):
        clerk_webhooks.wait_for("user.created", ben, within=0.5)


def test_an_event_that_was_never_emitted_is_told_of(clerk, clerk_webhooks):
    clerk_webhooks.deliver_to(asgi)
    clerk.users.create("ada@example.com")
    with pytest.raises(AssertionError, match="no user.deleted was emitted .* only user.created"):
        clerk_webhooks.wait_for("user.deleted", within=0.5)


@pytest.mark.asyncio
async def test_an_async_test_receives_too(clerk, clerk_webhooks):
    clerk_webhooks.deliver_to(asgi)
    ada = await asyncio.to_thread(clerk.users.create, "ada@example.com")
    clerk_webhooks.wait_for("user.created", ada)
"""

SUITE_OF_MANY = """
import pytest


@pytest.mark.parametrize("number", range(8))
def test_each_test_has_an_instance_of_its_own(clerk, number):
    clerk.users.create("same@example.com")
    assert [user.email for user in clerk.users.all()] == ["same@example.com"]
    print("SERVER", clerk.keys.api_url)
"""


def fakes_of(folder: object) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if "clerk_fake" in (process.info["cmdline"] or [])
        and str(folder) == (process.info["environ"] or {}).get("CLERK_HARNESS_RUNTIME_DIR")
    ]


@pytest.fixture(autouse=True)
def own_runtime(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLERK_HARNESS_RUNTIME_DIR", str(pytester.path / "runtime"))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


def test_the_readmes_first_test_passes_without_configuration(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(README_TEST)
    pytester.runpytest_subprocess("-W", "error::ResourceWarning").assert_outcomes(passed=1)
    assert not fakes_of(pytester.path / "runtime")


def test_asgi_and_wsgi_apps_and_async_tests_receive_webhooks(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE_WITH_APPS)
    pytester.runpytest_subprocess("-W", "error::ResourceWarning").assert_outcomes(passed=6)


def test_one_server_serves_all_workers_of_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE_OF_MANY)
    result = pytester.runpytest_subprocess("-n", "2", "-rP")
    result.assert_outcomes(passed=8)
    servers = {line.split()[1] for line in result.outlines if line.startswith("SERVER")}
    assert len(servers) == 1


def test_nothing_heavy_is_imported_until_a_fixture_is_used(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys


        def test_imports():
            heavy = {"httpx", "uvicorn", "psutil", "cryptography", "fastapi", "celery", "locust"}
            assert not heavy & set(sys.modules)
            assert "clerk_harness.plugin" in sys.modules
        """
    )
    pytester.runpytest_subprocess("-p", "no:playwright").assert_outcomes(passed=1)


def test_options_and_fixtures_carry_the_prefix_only(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest_subprocess("--help").outlines
    ours = [line.split()[0] for line in shown if "clerk" in line and line.strip().startswith("--")]
    assert ours
    assert all(option.startswith("--clerk-") for option in ours)
