from html.parser import HTMLParser
from typing import TYPE_CHECKING

import httpx
from clerk_backend_api import Clerk
from conftest import Reply
from outgoing import attempts, trigger

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def _tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.seen


def test_the_page_of_an_instance_shows_users_messages_and_attempts(
    clerk: Clerk, control: httpx.Client, instance: "InstanceInfo", receiver: "Receiver"
) -> None:
    control.post("/endpoints", json={"url": receiver.url})
    user = clerk.users.create(email_address=["ada@example.com"], first_name="Ada")
    eventually(lambda: control.get("/attempts").json()["data"], within=5)

    page = httpx.get(instance.dashboard_url).raise_for_status().text

    for expected in (user.id, "ada@example.com", "user.created", "1: 200 in", receiver.url):
        assert expected in page


def test_an_attempt_shows_what_was_sent_what_came_back_and_when_it_goes_on(
    control: httpx.Client, instance: "InstanceInfo", receiver: "Receiver"
) -> None:
    nasty = b"<script>alert(1)</script>"
    receiver.answer = lambda _delivered: Reply(503, {"x-reason": "<b>busy</b>"}, nasty)
    control.put("/delivery-schedule", json={"jitter": 0, "delays_s": [0] + [12 * 3600] * 3})
    control.put("/clock", json={"now_ms": 1_700_000_000_000, "frozen": True})
    control.post("/endpoints", json={"url": receiver.url, "description": "CRM"})
    message_id = trigger(control)
    for number in (1, 2):
        eventually(lambda number=number: len(attempts(control)) == number, within=5)
        control.post("/clock/advance", json={"seconds": 12 * 3600})
    eventually(lambda: len(attempts(control)) == 3, within=5)

    page = httpx.get(instance.dashboard_url).raise_for_status().text

    signature = attempts(control)[0]["request_headers"]["svix-signature"]
    for expected in (
        f"svix-id: {message_id}",
        f"svix-signature: {signature}",
        "x-reason: &lt;b&gt;busy&lt;/b&gt;",
        "&lt;script&gt;alert(1)",
        "next: 2023-11-16 10:13:20.000 UTC",
        "failing since 2023-11-14 22:13:20.000 UTC",
        "CRM",
    ):
        assert expected in page, expected
    assert not [tag for tag, _ in _tags(page) if tag in {"script", "b"}]


def test_what_users_wrote_is_escaped_and_nothing_is_loaded(
    clerk: Clerk, instance: "InstanceInfo"
) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=y>'\""
    clerk.users.create(username="ada_l", first_name=nasty, public_metadata={"x": nasty})

    answer = httpx.get(instance.dashboard_url)

    tags = _tags(answer.text)
    assert not [tag for tag, _ in tags if tag in {"script", "img", "link", "iframe"}]
    assert not [attrs for _, attrs in tags if {"src", "onerror"} & set(attrs)]
    assert "&lt;script&gt;" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_index_links_to_every_instance(http: httpx.Client, instance: "InstanceInfo") -> None:
    links = {attrs.get("href") for _, attrs in _tags(http.get("/dashboard").text)}

    assert instance.dashboard_url.removeprefix(str(http.base_url).rstrip("/")) in links
    assert http.get("/dashboard/ins_nothing").status_code == 404
