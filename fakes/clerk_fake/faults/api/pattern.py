"""Patterns of paths: ``/v1/users/{user_id}`` or ``/v1/users/*``."""

import re
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["PathPattern"]

LONGEST: Final = 500
MOST_STARS: Final = 5
WILD: Final = re.compile(r"(\{\w+\}|\*+)")


class PathPattern:
    """``{anything}`` stands for one segment, ``*`` for any characters, slashes included.

    Args:
        text: The pattern; it covers whole paths, without query.

    Raises:
        ApiError: 422, it is no pattern of a path.
    """

    def __init__(self, text: str) -> None:
        if not text.startswith(("/", "*")):
            raise ApiError.bad_value("path", "a pattern that starts with / or *")
        if len(text) > LONGEST or text.count("*") > MOST_STARS:
            raise ApiError.bad_value(
                "path", f"at most {LONGEST} characters long, with at most {MOST_STARS} *"
            )
        self._regex = re.compile("".join(map(_as_regex, WILD.split(text))), re.DOTALL)

    def covers(self, path: str) -> bool:
        """Tell whether ``path`` is one of those that are meant."""
        return self._regex.fullmatch(path) is not None


def _as_regex(part: str) -> str:
    if part.startswith("*"):
        return ".*"
    return r"[^/]+" if WILD.fullmatch(part) else re.escape(part)
