"""Endpoints for operational webhooks, by Svix' official client."""

from typing import TYPE_CHECKING

import httpx
import pytest
from svix.api import Svix
from svix.models import (
    EndpointIn,
    EndpointPatch,
    MessageIn,
    OperationalWebhookEndpointHeadersIn,
    OperationalWebhookEndpointIn,
    OperationalWebhookEndpointSecretIn,
    OperationalWebhookEndpointUpsertIn,
)
from svix.webhooks import Webhook

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver
    from svix.api.operational_webhook_endpoint import OperationalWebhookEndpoint

URL = "http://127.0.0.1:9/hooks"


@pytest.fixture
def endpoints(svix: Svix) -> "OperationalWebhookEndpoint":
    return svix.operational_webhook.endpoint


def test_an_operational_endpoint_is_made_shown_changed_and_ended(
    endpoints: "OperationalWebhookEndpoint",
) -> None:
    wanted = OperationalWebhookEndpointIn(
        url=URL, uid="ours", event_types=["endpoint.disabled"], metadata={"a": "b"},
        headers={"Authorization": "x", "X-A": "1"}, throttle_rate=3, description="Ours",
    )  # fmt: skip

    made = endpoints.create(wanted)

    assert endpoints.get("ours") == endpoints.get(made.id) == made
    assert endpoints.list().data == [made]
    assert (made.event_types, made.metadata, made.throttle_rate) == (
        ["endpoint.disabled"], {"a": "b"}, 3,
    )  # fmt: skip
    changed = endpoints.upsert("ours", OperationalWebhookEndpointUpsertIn(url=URL, uid="theirs"))
    assert (changed.id, changed.event_types, changed.uid) == (made.id, None, "theirs")
    headers = endpoints.get_headers(made.id)
    assert (headers.headers, headers.sensitive) == ({"X-A": "1"}, ["Authorization"])
    endpoints.set_headers(made.id, OperationalWebhookEndpointHeadersIn(headers={"X-B": "2"}))
    assert endpoints.get_headers(made.id).headers == {"X-B": "2"}
    old = endpoints.get_secret(made.id).key
    endpoints.rotate_secret(made.id, OperationalWebhookEndpointSecretIn())
    assert endpoints.get_secret(made.id).key != old
    endpoints.delete(made.id)
    assert endpoints.list().data == []


def test_it_hears_what_happens_to_endpoints_and_never_of_clerks_events(
    svix: Svix,
    endpoints: "OperationalWebhookEndpoint",
    instance: "InstanceInfo",
    receiver: "Receiver",
) -> None:
    owner = endpoints.create(OperationalWebhookEndpointIn(url=receiver.url)).id
    app = instance.instance_id

    made = svix.endpoint.create(app, EndpointIn(url=URL, uid="theirs")).id
    svix.message.create(app, MessageIn(event_type="user.created", payload={}))
    svix.endpoint.patch(app, made, EndpointPatch(disabled=True))
    svix.endpoint.delete(app, made)

    eventually(lambda: len(receiver.received) >= 4, within=5)
    told = {str(each.event["type"]): each.event["data"] for each in receiver.received}
    assert set(told) == {
        "endpoint.created", "endpoint.updated", "endpoint.disabled", "endpoint.deleted",
    }  # fmt: skip
    assert told["endpoint.created"] == {
        "appId": svix.application.get(app).id, "endpointId": made, "endpointUid": "theirs",
    }  # fmt: skip
    secret = endpoints.get_secret(owner).key
    for delivered in receiver.received:
        Webhook(secret).verify(delivered.body, delivered.headers)


@pytest.mark.parametrize(
    ("wanted", "culprit"),
    [
        ({"url": "nowhere"}, "url"),
        ({"eventTypes": ["user.created"]}, "eventTypes"),
        ({"uid": "ep_1"}, "uid"),
        ({"secret": "whsec_x"}, "secret"),
    ],
)
def test_a_malformed_operational_endpoint_is_refused(
    http: httpx.Client, instance: "InstanceInfo", wanted: dict[str, object], culprit: str
) -> None:
    answer = http.post(
        "/api/v1/operational-webhook/endpoint",
        json={"url": URL} | wanted,
        headers={"authorization": f"Bearer {instance.secret_key}"},
    )

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", culprit]
