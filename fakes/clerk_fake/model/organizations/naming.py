"""Names and slugs of organizations."""

import re
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.settings.entity import settings_of

__all__ = ["check_name", "check_slug", "free_slug"]

LONGEST_NAME: Final = 256
LONGEST_SLUG: Final = 256
SLUG: Final = re.compile(r"[a-z0-9-]+")
URL_OR_HTML: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|\bwww\.|<[A-Za-z/!]", re.IGNORECASE)


def check_name(name: str) -> str:
    """Return the name of an organization.

    Raises:
        ApiError: 422, it is blank, too long, or has a URL or HTML in it.
    """
    if not name.strip():
        raise ApiError.missing_param("name")
    if len(name) > LONGEST_NAME:
        raise ApiError.of(
            422,
            "form_param_max_length_exceeded",
            "exceeds maximum length",
            f"name should not exceed {LONGEST_NAME} characters.",
            param_name="name",
        )
    if URL_OR_HTML.search(name):
        raise ApiError.of(
            422,
            "form_param_value_invalid",
            "invalid organization name",
            f'The organization name "{name}" is invalid: it contains a URL or HTML',
            param_name="name",
        )
    return name


def check_slug(instance: Instance, slug: str, *, ignoring: str | None = None) -> str:
    """Return a slug that somebody chose; ``ignoring`` is an organization that may have it.

    Raises:
        ApiError: 422, slugs are switched off, or it is malformed or taken.
    """
    if settings_of(instance).organizations.slug_disabled:
        raise ApiError.unknown_param("slug")
    if len(slug) > LONGEST_SLUG or not SLUG.fullmatch(slug):
        raise ApiError.bad_format("slug", "lowercase letters, digits and dashes")
    holders = ORGANIZATIONS.table(instance).find("slug", slug)
    if any(holder.id != ignoring for holder in holders):
        raise ApiError.identifier_exists("slug")
    return slug


def free_slug(instance: Instance, name: str) -> str:
    """Return a slug for an organization of this name: the name itself, or with a number behind."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[: LONGEST_SLUG - 30] or "org"
    table = ORGANIZATIONS.table(instance)
    slug, number = stem, instance.clock.now_ms() // 1000
    while table.count("slug", slug):
        slug = f"{stem}-{number}"
        number += 1
    return slug
