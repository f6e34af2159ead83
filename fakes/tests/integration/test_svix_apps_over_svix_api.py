"""The one Svix app of an instance, its portal and its tasks, by Svix' official client."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from clerk_backend_api import Clerk
from svix.api import Svix, SvixAsync, SvixOptions
from svix.api.application import ApplicationCreateOptions, ApplicationListOptions
from svix.api.errors.http_error import HttpError
from svix.api.errors.http_validation_error import HTTPValidationError
from svix.api.event_type import EventTypeListOptions
from svix.models import (
    ApplicationIn,
    ApplicationPatch,
    ApplicationTokenExpireIn,
    AppPortalAccessIn,
    EndpointIn,
    Ordering,
)

from clerk_fake.events.catalogue import EVENT_TYPES

if TYPE_CHECKING:
    from conftest import InstanceInfo, ServerInfo

Opening = Callable[[str], Svix]


def refusal(ask: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        ask()
    return refused.value.status_code, refused.value.code


def culprits(ask: Callable[[], object]) -> list[str]:
    with pytest.raises(HTTPValidationError) as refused:
        ask()
    assert refused.value.status_code == 422
    return [".".join(problem.loc) for problem in refused.value.detail]


def test_the_app_of_an_instance_is_there_before_clerk_made_it(
    svix: Svix, instance: "InstanceInfo"
) -> None:
    app = svix.application.get(instance.instance_id)

    assert app.uid == app.name == instance.instance_id
    assert svix.application.get(app.id) == app
    assert svix.application.list().data == [app]


def test_the_app_that_clerk_makes_is_the_one_of_svix_api(
    svix: Svix, clerk: Clerk, instance: "InstanceInfo"
) -> None:
    before = svix.application.get(instance.instance_id)

    clerk.webhooks.create_svix_app()

    made = svix.application.get(before.id)
    assert made.uid == instance.instance_id
    assert refusal(lambda: svix.application.create(ApplicationIn(name="Ours"))) == (409, "conflict")
    svix.application.delete(made.id)
    with pytest.raises(Exception, match="No Svix apps"):
        clerk.webhooks.generate_svix_auth_url()


def test_an_app_that_svix_api_makes_is_the_one_of_clerk(svix: Svix, clerk: Clerk) -> None:
    wanted = ApplicationIn(name="Ours", uid="ours", metadata={"team": "blue"}, throttle_rate=5)

    app = svix.application.create(wanted)

    assert (app.name, app.uid, app.metadata, app.throttle_rate) == (
        "Ours", "ours", {"team": "blue"}, 5,
    )  # fmt: skip
    assert svix.application.get("ours") == app
    assert svix.application.get_or_create(wanted) == app
    assert refusal(
        lambda: svix.application.get_or_create(ApplicationIn(name="Ours", uid="theirs"))
    ) == (409, "conflict")
    assert clerk.webhooks.generate_svix_auth_url().svix_url


def test_an_app_is_changed_in_part_or_as_a_whole(svix: Svix, instance: "InstanceInfo") -> None:
    app_id = svix.application.get(instance.instance_id).id
    svix.application.patch(app_id, ApplicationPatch(name="Ours", metadata={"a": "b"}))
    patched = svix.application.patch(app_id, ApplicationPatch(uid=None))
    assert (patched.name, patched.uid, patched.metadata) == ("Ours", None, {"a": "b"})
    assert svix.application.get(instance.instance_id) == patched

    updated = svix.application.upsert(app_id, ApplicationIn(name="Theirs", uid="theirs"))

    assert (updated.id, updated.name, updated.metadata) == (app_id, "Theirs", {})


@pytest.mark.parametrize(
    ("wanted", "culprit"),
    [
        ({"name": ""}, "body.name"),
        ({}, "body.name"),
        ({"name": 3}, "body.name"),
        ({"name": "a", "throttleRate": 0}, "body.throttleRate"),
        ({"name": "a", "throttleRate": 65_536}, "body.throttleRate"),
        ({"name": "a", "throttleRate": "many"}, "body.throttleRate"),
        ({"name": "a", "uid": "a b"}, "body.uid"),
        ({"name": "a", "uid": "app_1"}, "body.uid"),
        ({"name": "a", "uid": "a" * 257}, "body.uid"),
        ({"name": "a", "metadata": {"a": 1}}, "body.metadata.a"),
        ({"name": "a", "metadata": {"a": "x" * 4096}}, "body.metadata"),
        ({"name": "a", "metadata": []}, "body.metadata"),
    ],
)
def test_a_malformed_app_is_refused_by_the_name_of_what_is_wrong(
    http: httpx.Client, instance: "InstanceInfo", wanted: dict[str, object], culprit: str
) -> None:
    answer = http.post(
        "/api/v1/app", json=wanted, headers={"authorization": f"Bearer {instance.secret_key}"}
    )

    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert ".".join(problem["loc"]) == culprit
    assert set(problem) == {"loc", "msg", "type"}


def test_who_has_no_key_or_another_ones_key_gets_nowhere(
    svix: Svix, server: "ServerInfo", instance: "InstanceInfo", open_svix: Opening
) -> None:
    stranger = open_svix("testsk_nobody.eu")
    other = open_svix(server.secret_key)

    assert refusal(stranger.application.list) == (401, "authentication_failed")
    assert refusal(lambda: other.application.get(instance.instance_id)) == (404, "not_found")
    assert refusal(lambda: svix.application.get("app_1")) == (404, "not_found")
    stranger.health.get()


def test_a_token_of_the_portal_opens_the_app_and_no_more(
    svix: Svix, instance: "InstanceInfo", control: httpx.Client, open_svix: Opening
) -> None:
    app_id = instance.instance_id
    access = svix.authentication.app_portal_access(app_id, AppPortalAccessIn(expiry=3600))
    assert httpx.get(access.url).status_code == 200
    portal = open_svix(access.token)

    assert portal.application.get(app_id).uid == app_id
    assert refusal(portal.application.list) == (403, "insufficient access")
    control.post("/clock/advance", json={"seconds": 3600})
    assert refusal(lambda: portal.application.get(app_id)) == (401, "authentication_failed")


def test_tokens_of_the_portal_are_ended_one_by_one_or_by_session(
    svix: Svix, instance: "InstanceInfo", open_svix: Opening
) -> None:
    def portal(session_id: str) -> Svix:
        wanted = AppPortalAccessIn(session_id=session_id)
        access = svix.authentication.app_portal_access(instance.instance_id, wanted)
        return open_svix(access.token)

    first, second, third = portal("a"), portal("b"), portal("b")

    first.authentication.logout()
    assert refusal(lambda: first.application.get("x"))[0] == 401
    svix.authentication.expire_all(
        instance.instance_id, ApplicationTokenExpireIn(session_ids=["a", "c"])
    )
    assert second.application.get(instance.instance_id).id
    svix.authentication.expire_all(instance.instance_id, ApplicationTokenExpireIn())
    assert refusal(lambda: third.application.get("x"))[0] == 401
    assert refusal(svix.authentication.logout) == (400, "invalid_token")


def test_a_deleted_app_takes_its_endpoints_and_tokens_along(
    svix: Svix, instance: "InstanceInfo", open_svix: Opening
) -> None:
    app = instance.instance_id
    portal = open_svix(svix.authentication.app_portal_access(app, AppPortalAccessIn()).token)
    svix.endpoint.create(app, EndpointIn(url="http://127.0.0.1:9/"))
    svix.application.patch(app, ApplicationPatch(name="Ours"))

    for _ in range(2):
        svix.application.delete(app)

    assert svix.endpoint.list(app).data == []
    assert svix.application.get(app).name == app
    assert refusal(lambda: portal.application.get(app))[0] == 401


def test_the_event_types_are_clerks_and_come_page_by_page(svix: Svix) -> None:
    seen: list[str] = []
    options = EventTypeListOptions(limit=20)
    while True:
        page = svix.event_type.list(options)
        seen += [event_type.name for event_type in page.data]
        if page.done:
            break
        options = EventTypeListOptions(limit=20, iterator=page.iterator)

    assert seen == sorted(EVENT_TYPES)
    falling = svix.event_type.list(EventTypeListOptions(limit=250, order=Ordering.DESCENDING))
    assert [each.name for each in falling.data] == sorted(EVENT_TYPES, reverse=True)
    assert svix.event_type.get("user.created").group_name == "user"
    assert refusal(lambda: svix.event_type.get("user.exploded")) == (404, "not_found")


def test_a_page_leads_back_to_the_one_before(svix: Svix) -> None:
    names = sorted(EVENT_TYPES)
    first = svix.event_type.list(EventTypeListOptions(limit=5))
    second = svix.event_type.list(EventTypeListOptions(limit=5, iterator=first.iterator))
    assert [each.name for each in second.data] == names[5:10]

    back = svix.event_type.list(EventTypeListOptions(limit=5, iterator=second.prev_iterator))

    assert back.data == first.data
    assert back.done


@pytest.mark.parametrize("limit", [0, 251, -1])
def test_a_limit_that_no_page_has_is_refused(svix: Svix, limit: int) -> None:
    assert culprits(lambda: svix.application.list(ApplicationListOptions(limit=limit))) == [
        "query.limit"
    ]


@pytest.mark.parametrize("iterator", ["x", "-", "1.5_a", "--1_a", "9" * 400, "1_" + "x" * 400])
def test_an_iterator_that_no_page_gave_is_refused(svix: Svix, iterator: str) -> None:
    options = EventTypeListOptions(iterator=iterator)
    assert culprits(lambda: svix.event_type.list(options)) == ["query.iterator"]


def test_the_same_request_under_the_same_key_is_answered_once_for_twelve_hours(
    svix: Svix, instance: "InstanceInfo", control: httpx.Client
) -> None:
    options = ApplicationCreateOptions(idempotency_key="first")
    app = svix.application.create(ApplicationIn(name="Ours"), options)
    svix.application.delete(app.id)

    assert svix.application.create(ApplicationIn(name="Others"), options) == app
    control.post("/clock/advance", json={"seconds": 12 * 3600 - 60})
    assert svix.application.create(ApplicationIn(name="Others"), options) == app
    assert svix.application.get(instance.instance_id).name == instance.instance_id
    control.post("/clock/advance", json={"seconds": 60})
    assert svix.application.create(ApplicationIn(name="Others"), options).name == "Others"


def test_a_refusal_is_not_remembered(svix: Svix) -> None:
    options = ApplicationCreateOptions(idempotency_key="first")
    assert culprits(lambda: svix.application.create(ApplicationIn(name=""), options))

    assert svix.application.create(ApplicationIn(name="Ours"), options).name == "Ours"


def test_what_svix_has_and_the_fake_has_not_is_refused_in_svix_words(
    svix: Svix, http: httpx.Client, instance: "InstanceInfo"
) -> None:
    assert refusal(svix.connector.list) == (404, "not_found")
    answer = http.delete("/api/v1/app", headers={"authorization": f"Bearer {instance.secret_key}"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.asyncio
async def test_the_asynchronous_client_is_served_as_well(
    server: "ServerInfo", instance: "InstanceInfo"
) -> None:
    svix = SvixAsync(instance.secret_key, SvixOptions(server_url=server.url))
    await svix.health.get()

    app = await svix.application.get(instance.instance_id)

    assert (await svix.application.list()).data == [app]
    await svix._httpx_client.aclose()
