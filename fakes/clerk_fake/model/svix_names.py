"""What Svix lets people name things: letters, digits and a few signs."""

import re
from typing import Final

from clerk_fake.errors import ApiError

__all__ = [
    "CHANNEL",
    "MOST_CHANNELS",
    "check_channels",
    "check_event_type",
    "check_tags",
    "check_uid",
]

NAME: Final = re.compile(r"[a-zA-Z0-9\-_.]{1,256}")
CHANNEL: Final = re.compile(r"[a-zA-Z0-9\-_.:+]{1,128}")
TAG: Final = re.compile(r"[a-zA-Z0-9\-_./\\#]{1,128}")
MOST_CHANNELS: Final = 10
MOST_TAGS: Final = 5


def check_uid(uid: str, param: str, *, kind: str) -> str:
    """Return a name that somebody gives to a thing; ``kind`` is the prefix of ids of such things.

    Raises:
        ApiError: 422, it has other characters, is longer than 256, or looks like an id.
    """
    if uid.startswith(f"{kind}_"):
        raise ApiError.bad_value(param, f"a name that does not begin like an id, {kind}_")
    return _checked(uid, param, NAME)


def check_event_type(name: str, param: str) -> str:
    """Return the name of an event type, known or not.

    Raises:
        ApiError: 422, it has other characters, or is longer than 256.
    """
    return _checked(name, param, NAME)


def check_channels(channels: tuple[str, ...] | None, param: str = "channels") -> tuple[str, ...]:
    """Return the channels of a message or an endpoint, each once; ``None`` is for none.

    Raises:
        ApiError: 422, none or more than 10 are given, or one is malformed.
    """
    if channels is None:
        return ()
    once = tuple(dict.fromkeys(channels))
    if not 1 <= len(once) <= MOST_CHANNELS:
        raise ApiError.bad_value(param, f"1 to {MOST_CHANNELS} channels, or null")
    return tuple(_checked(channel, param, CHANNEL) for channel in once)


def check_tags(tags: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the tags of a message, each once; ``None`` is for none.

    Raises:
        ApiError: 422, more than 5 are given, or one is malformed.
    """
    once = tuple(dict.fromkeys(tags or ()))
    if len(once) > MOST_TAGS:
        raise ApiError.bad_value("tags", f"at most {MOST_TAGS} tags")
    return tuple(_checked(tag, "tags", TAG) for tag in once)


def _checked(text: str, param: str, pattern: "re.Pattern[str]") -> str:
    if pattern.fullmatch(text) is None:
        raise ApiError.bad_format(param, f"of the form {pattern.pattern}")
    return text
