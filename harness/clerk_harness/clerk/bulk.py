"""Many requests at once, over kept connections: what filling an instance needs."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import orjson

from clerk_fake.webhooks.sender import Answer, DeliveryError, Sender
from clerk_harness.clerk.wire import ClerkRefusedError
from clerk_harness.errors import MachineError

__all__ = ["Post", "post_all"]

AT_ONCE: Final = 32
TIMEOUT_S: Final = 60
OK: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Post:
    """One POST of JSON.

    Attributes:
        path: Under the base URL.
        body: A JSON object.
    """

    path: str
    body: Mapping[str, Any]


def post_all(base_url: str, secret_key: str, posts: Sequence[Post]) -> list[Any]:
    """Send all, some at a time, and return their decoded answers in the order of ``posts``.

    Args:
        base_url: Everything is relative to this.
        secret_key: Sent as bearer.
        posts: What is sent; nothing tells which of those under way at once comes first.

    Raises:
        ClerkRefusedError: One was refused; those before it were done, some after it as well.
        MachineError: The server cannot be reached.
    """
    # In a thread of its own: the caller may be inside a running event loop.
    with ThreadPoolExecutor(1, thread_name_prefix="clerk-bulk") as thread:
        return thread.submit(asyncio.run, _post_all(base_url, secret_key, posts)).result()


async def _post_all(base_url: str, secret_key: str, posts: Sequence[Post]) -> list[Any]:
    answers: list[Any] = [None] * len(posts)
    sender = Sender(user_agent="clerk-harness")
    headers = {"authorization": f"Bearer {secret_key}"}

    async def work(left: Iterator[tuple[int, Post]]) -> None:
        for place, post in left:
            body = orjson.dumps(post.body)
            try:
                answer = await sender.post(base_url + post.path, headers, body, TIMEOUT_S)
            except DeliveryError as lost:
                raise MachineError(f"the fake Clerk at {base_url} gave no answer: {lost}") from lost
            answers[place] = _decoded(answer)

    left = enumerate(posts)
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(AT_ONCE, len(posts))):
                workers.create_task(work(left))
    except ExceptionGroup as refusals:
        raise refusals.exceptions[0] from None
    finally:
        await sender.close()
    return answers


def _decoded(answer: Answer) -> Any:
    document = orjson.loads(answer.body)
    if answer.status in OK:
        return document
    first = document["errors"][0]
    raise ClerkRefusedError(answer.status, first["code"], first["long_message"])
