"""A Clerk and the service, between which a test carries the events as it likes."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from clerk_harness.clerk import ClerkInstance, ClerkUser, Message
from clerk_sync.config import Settings
from clerk_sync.states import State


@dataclass
class Story:
    """What happens between Clerk and the service.

    Attributes:
        clerk: A Clerk of the test's own.
        service: The service over HTTP; ``apply`` stands for its worker.
        heard: Place of the last event that ``told`` gave out.
    """

    clerk: ClerkInstance
    service: Any
    heard: int = 0

    def told(self, event_type: str = "") -> list[Message]:
        """Return what Clerk told since the last time; only those of a type, if given."""
        messages = list(self.clerk.messages.emitted(after=self.heard))
        self.heard = messages[-1].seq if messages else self.heard
        return [each for each in messages if event_type in ("", each.event_type)]

    async def post(self, message: Message, *, svix_id: str = "") -> httpx.Response:
        """Deliver an event, or the same once more under another id."""
        whole = json.loads(message.payload)
        _, answer = await self.service.post_whole(whole, svix_id=svix_id or message.id)
        return answer

    async def carry(self, *messages: Message) -> list[State | None]:
        """Deliver events in this order, each applied before the next."""
        states = []
        for message in messages:
            answer = await self.post(message)
            assert answer.status_code == 204, answer.text
            states.append(await self.service.apply(message.id))
        return states

    async def me(self, user: ClerkUser) -> tuple[int, Any]:
        """Ask as a user who has just signed in who they are."""
        token = self.clerk.sessions.token(self.clerk.sessions.create(user))
        return await self.ask("/users/me", token)

    async def ask(self, path: str, token: str) -> tuple[int, Any]:
        """Ask with a session token."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.service.http.get(path, headers=headers)
        return answer.status_code, answer.json()

    async def living(self) -> dict[str, tuple[str | None, str | None]]:
        """Return the users who live here: their primary address and first name."""
        rows = (await self.service.get("/users?limit=1000"))["data"]
        return {row["clerk_id"]: (row["email"], row["first_name"]) for row in rows if row["active"]}

    def at_clerk(self) -> dict[str, tuple[str | None, str | None]]:
        """Return the same of Clerk."""
        return {user.id: (user.email, user.first_name) for user in self.clerk.users.all()}

    async def dead(self) -> list[str]:
        """Return why webhooks were given up, or have failed so far."""
        rows = (await self.service.get("/inbox?limit=1000"))["data"]
        return [row["last_error"] for row in rows if row["state"] in {"dead", "failed"}]

    async def effects(self) -> list[tuple[str, str]]:
        """Return the side effects: their kind and the user's id."""
        found = (await self.service.get("/effects"))["data"]
        return [(each["kind"], each["clerk_id"]) for each in found]


@pytest_asyncio.fixture
async def story(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> AsyncIterator[Story]:
    async with open_service(clerk_settings) as service:
        yield Story(clerk, service)
