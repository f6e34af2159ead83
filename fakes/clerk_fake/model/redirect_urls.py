"""Redirect URLs: where native applications may be sent back to after a sign-in."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.urls import check_url
from clerk_fake.state import Noun

__all__ = ["REDIRECT_URLS", "RedirectUrl", "RedirectUrlDraft", "create_redirect_url"]


@dataclass(frozen=True, slots=True)
class RedirectUrl:
    """A URL on the list; it never changes. Times are Unix ms."""

    id: str
    url: str
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class RedirectUrlDraft:
    """What ``POST /v1/redirect_urls`` takes."""

    url: str


def _resource(_instance: Instance, redirect_url: RedirectUrl) -> JsonObject:
    return {
        "object": "redirect_url",
        "id": redirect_url.id,
        "url": redirect_url.url,
        "created_at": redirect_url.created_at,
        "updated_at": redirect_url.updated_at,
    }


REDIRECT_URLS: Final = Kind(
    Noun("redirect_urls", RedirectUrl, {"url": lambda redirect_url: (redirect_url.url,)}),
    what="redirect URL",
    prefix="ru",
    wire_name="redirect_url",
    resource=_resource,
)


def create_redirect_url(instance: Instance, draft: RedirectUrlDraft, origin: Origin) -> RedirectUrl:
    """Put a URL on the list.

    Raises:
        ApiError: 422, it is no absolute URL, or it is on the list already.
    """
    check_url(draft.url, "url")
    if REDIRECT_URLS.table(instance).find("url", draft.url):
        raise ApiError.of(
            422,
            "duplicate_record",
            "already exists",
            f"{draft.url} is a redirect URL already.",
            param_name="url",
        )
    now = instance.clock.now_ms()
    redirect_url = RedirectUrl(REDIRECT_URLS.new_id(instance), draft.url, now, now)
    return REDIRECT_URLS.add(instance, redirect_url, origin)
