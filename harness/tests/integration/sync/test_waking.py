"""Wake-ups: for what is new and nothing else, and never before the answer is out."""

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis
from svix.webhooks import Webhook

from clerk_harness.stack import Stack
from clerk_harness.waiting import eventually
from clerk_sync.api.webhooks import WebhookEndpoint
from clerk_sync.app import create_app
from clerk_sync.config import Settings

pytestmark = pytest.mark.asyncio

BODY = b'{"type":"user.created","object":"event","data":{"id":"user_1"}}'
QUEUE = "clerk_sync"


class Woken:
    """The wake-ups in Redis, in which no worker reads."""

    def __init__(self, redis: "Redis[bytes]") -> None:
        self._redis = redis

    def ids(self) -> list[str]:
        tasks = [json.loads(task) for task in reversed(self._redis.lrange(QUEUE, 0, -1))]
        bodies = [json.loads(base64.b64decode(task["body"])) for task in tasks]
        return [svix_id for (args, *_) in bodies for svix_id in args[0]]

    async def wait_for(self, svix_id: str) -> list[str]:
        await asyncio.to_thread(eventually, lambda: svix_id in self.ids(), within=5)
        return self.ids()


@pytest.fixture
def woken(stack: Stack) -> Iterator[Woken]:
    with Redis.from_url(stack.redis.url) as redis:
        redis.delete(QUEUE)
        yield Woken(redis)
        redis.delete(QUEUE)


async def test_a_worker_is_woken_only_for_what_is_new(service: Any, woken: Woken) -> None:
    first = await service.deliver("user.created")
    await service.deliver("user.created", svix_id=first)
    after = await service.deliver("user.created")
    assert await woken.wait_for(after) == [first, after]


async def test_nobody_is_woken_before_the_answer_is_out(
    settings: Settings, service: Any, woken: Woken
) -> None:
    now = datetime.now(UTC)
    headers = [
        (b"svix-id", b"msg_held"),
        (b"svix-timestamp", str(int(now.timestamp())).encode()),
        (
            b"svix-signature",
            Webhook(settings.webhook_secrets[0]).sign("msg_held", now, BODY.decode()).encode(),
        ),
    ]
    reached, let_go = asyncio.Event(), asyncio.Event()

    async def receive() -> Any:
        return {"type": "http.request", "body": BODY}

    async def send(_message: Any) -> None:
        reached.set()
        await let_go.wait()

    app = create_app(settings)
    async with app.router.lifespan_context(app):
        scope = {"type": "http", "app": app, "headers": headers, "client": ("127.0.0.1", 1)}
        answering = asyncio.ensure_future(WebhookEndpoint()(scope, receive, send))
        await reached.wait()
        for _ in range(3):
            after = await service.deliver("user.created")
            assert "msg_held" not in await woken.wait_for(after)
        let_go.set()
        await answering
        assert "msg_held" in await woken.wait_for("msg_held")
