from html.parser import HTMLParser
from typing import TYPE_CHECKING

import httpx
from clerk_backend_api import Clerk

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
