"""Every answer of the Backend API that any test gets over httpx is judged, whoever asks.

Also Clerk's official client asks over httpx. So that no test can forget it, httpx itself is tapped
rather than one client of it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from judging.exchanges import Exchange, judge_of

__all__ = ["Wiretap", "exchange_of", "faults_of"]

BARE: tuple[str, ...] = ("/m2m_tokens", "/api_keys", "/oauth_applications/access_tokens")
"""Asked for without ``/v1`` by official clients."""

MADE_UP: tuple[str, ...] = ("/trigger", "/msg", "/send-example")
"""What makes a message that Clerk never sent: over the control plane, or over Svix' API."""


def exchange_of(response: httpx.Response) -> Exchange:
    """Return what the judge looks at; the body must have been read."""
    return Exchange(
        method=response.request.method,
        path=response.request.url.raw_path.split(b"?")[0].decode("ascii"),
        query=response.request.url.query.decode("ascii"),
        version=response.request.headers.get("clerk-api-version"),
        status=response.status_code,
        content_type=response.headers.get("content-type"),
        body=response.content,
    )


def faults_of(exchange: Exchange) -> list[str]:
    """Return a line for everything that is wrong with an answer; none without a description."""
    judge = judge_of(exchange)
    if judge is None:
        return []
    asked = f"{exchange.method} {exchange.path} answered {exchange.status}"
    return [f"{asked}: {fault}" for fault in judge.faults(exchange)]


@dataclass
class Wiretap:
    """What was overheard since the test began.

    Attributes:
        faults: A line for each thing that was wrong.
        triggered: Ids of the messages that the test itself made up; nobody vouches for these.
    """

    faults: list[str] = field(default_factory=list)
    triggered: set[str] = field(default_factory=set)

    def overhear(self, response: httpx.Response) -> None:
        """Judge one answer; the body must have been read."""
        path = response.request.url.path
        if path.startswith(("/v1/", *BARE)):
            self.faults += faults_of(exchange_of(response))
        elif path.endswith(MADE_UP) and response.status_code in {201, 202}:
            self.triggered.add(json.loads(response.content)["id"])

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Overhear all of httpx, in every thread, until the block is left."""
        send, send_async = httpx.Client.send, httpx.AsyncClient.send

        def tapped(client: httpx.Client, request: httpx.Request, **how: object) -> httpx.Response:
            response = send(client, request, **how)  # type: ignore[arg-type]  # passed on as is
            if not how.get("stream"):
                self.overhear(response)
            return response

        async def tapped_async(
            client: httpx.AsyncClient, request: httpx.Request, **how: object
        ) -> httpx.Response:
            response = await send_async(client, request, **how)  # type: ignore[arg-type]  # as is
            if not how.get("stream"):
                self.overhear(response)
            return response

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(httpx.Client, "send", tapped)
            patch.setattr(httpx.AsyncClient, "send", tapped_async)
            yield
