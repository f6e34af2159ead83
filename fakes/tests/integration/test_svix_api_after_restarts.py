"""What was done over Svix' API is there after the server died, and is not done twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers import Running, running
from svix.api import Svix, SvixOptions
from svix.api.errors.http_error import HttpError
from svix.api.message import MessageCreateOptions
from svix.models import (
    ApplicationIn,
    AppPortalAccessIn,
    EndpointIn,
    MessageIn,
    OperationalWebhookEndpointIn,
)

ONCE = MessageCreateOptions(idempotency_key="once")
WANTED = MessageIn(
    event_type="user.created", payload={"a": 1}, event_id="order-1", channels=["blue"], tags=["x"]
)


@contextmanager
def _client(server: Running, token: str = "") -> Iterator[Svix]:
    options = SvixOptions(server_url=server.ready["url"])
    client = Svix(token or server.ready["secret_key"], options)
    try:
        yield client
    finally:
        client._httpx_client.close()


def test_what_was_done_is_there_after_a_sudden_death_and_is_not_done_again(tmp_path: Path) -> None:
    file = str(tmp_path / "clerk.state")
    with running("--state", file) as server, _client(server) as svix:
        name = server.ready["instance_id"]
        app = svix.application.create(ApplicationIn(name="Ours", uid="ours"))
        endpoint = svix.endpoint.create(
            name, EndpointIn(url="http://127.0.0.1:9/", uid="mine", channels=["green"])
        )
        owner = svix.operational_webhook.endpoint.create(
            OperationalWebhookEndpointIn(
                url="http://127.0.0.1:9/", event_types=["endpoint.deleted"]
            )
        )
        portal = svix.authentication.app_portal_access(name, AppPortalAccessIn()).token
        sent = svix.message.create(name, WANTED, ONCE)
        task = svix.message.expunge_all_contents(name)
        server.kill()

    with running("--state", file) as server, _client(server) as svix:
        assert svix.application.get("ours") == app
        assert svix.endpoint.get("ours", "mine") == endpoint
        assert svix.operational_webhook.endpoint.list().data == [owner]
        assert svix.message.create(name, WANTED, ONCE) == sent
        assert [each.id for each in svix.message.list(name).data] == [sent.id]
        with pytest.raises(HttpError) as taken:
            svix.message.create(name, WANTED)
        assert taken.value.status_code == 409
        assert svix.background_task.get(task.id).data == {"messagesPurged": 1}
        with _client(server, portal) as visitor:
            assert visitor.message.get(name, "order-1").tags == ["x"]
