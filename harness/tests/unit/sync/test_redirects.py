"""Clerk's secret key goes where the configuration says, and nowhere that an answer says."""

import asyncio
from dataclasses import dataclass, field

import pytest

from clerk_sync.breaker import Breaker
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.errors import ClerkApiError
from clerk_sync.service.signing_keys import SigningKeys

pytestmark = pytest.mark.asyncio


@dataclass
class Server:
    """Answers everything with a redirect to ``target`` and keeps what it was asked."""

    target: str = "http://127.0.0.1:1/"
    heard: list[bytes] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"HTTP/1.1 307 x\r\nLocation: {self.target}\r\nContent-Length: 0\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


async def test_a_redirect_is_not_followed() -> None:
    thief, clerk = Server(), Server()
    async with (
        await asyncio.start_server(thief.serve, "127.0.0.1", 0) as elsewhere,
        await asyncio.start_server(clerk.serve, "127.0.0.1", 0) as asked,
        open_http() as http,
    ):
        clerk.target = f"http://127.0.0.1:{elsewhere.sockets[0].getsockname()[1]}/"
        url = f"http://127.0.0.1:{asked.sockets[0].getsockname()[1]}"
        breaker = Breaker(failures=9, reset_s=1)
        api = ClerkApi(http, base_url=url, secret_key="sk_test_precious", breaker=breaker)
        with pytest.raises(ClerkApiError) as refused:
            await api.get_user("user_1")
        keys = SigningKeys(http, f"{url}/jwks")
        with pytest.raises(ClerkApiError):
            await keys.find("ins_1")
        await keys.close()
    assert len(clerk.heard) == 2
    assert thief.heard == []
    assert "precious" not in str(refused.value)
