"""People change in Clerk."""

from collections.abc import Callable, Mapping
from typing import Any

from pytest_bdd import parsers, when

from clerk_harness.story import Story

__all__: list[str] = []


def _new_email(story: Story, name: str) -> None:
    address = story.email(f"{name} new")
    story.clerk.users.add_email(story.people[name].id, address, primary=True)


def _fields(**fields: Any) -> Callable[[Story, str], None]:
    def change(story: Story, name: str) -> None:
        story.clerk.users.update(story.people[name].id, **fields)

    return change


def _username(story: Story, name: str) -> None:
    story.clerk.users.update(story.people[name].id, username=f"{name.lower()}_{story.label}_2")


def _metadata(story: Story, name: str) -> None:
    plan = {"plan": "enterprise", "limits": {"seats": 50}}
    story.clerk.users.update_metadata(story.people[name].id, public_metadata=plan)


_CHANGES: Mapping[str, Callable[[Story, str], None]] = {
    "both names": _fields(first_name="Augusta", last_name="King-Noël"),
    "the username": _username,
    "the public metadata": _metadata,
    "the e-mail address": _new_email,
    "a name to nothing": _fields(last_name=None),
}


@when(parsers.re(r'"(?P<name>[^"]+)" changes (?P<what>.+) in Clerk'))
def changes(clerk_story: Story, name: str, what: str) -> None:
    """Make the change in Clerk."""
    _CHANGES[what](clerk_story, name)
