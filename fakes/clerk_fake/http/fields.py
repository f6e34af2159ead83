"""Read the fields of a JSON object, and refuse what does not fit in Clerk's words."""

from collections.abc import Collection, KeysView
from datetime import UTC, datetime
from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.jsontypes import MAX_INTEGER, JsonObject

__all__ = ["Fields"]

MAX_DEPTH: Final = 64
"""Deeper JSON is refused: serialisers give up at a few hundred levels."""

MAX_TEXT: Final = 4096
MAX_ITEMS: Final = 1000


class Fields:
    """A JSON object from outside; every reader returns ``None`` for an absent or null field.

    Args:
        document: As decoded.
    """

    def __init__(self, document: JsonObject) -> None:
        self._document = document

    def __contains__(self, name: str) -> bool:
        return name in self._document

    def names(self) -> KeysView[str]:
        """Return the names of all fields, also of null ones."""
        return self._document.keys()

    def has(self, name: str) -> bool:
        """Tell whether a field is there and not null."""
        return self._document.get(name) is not None

    def whole(self) -> JsonObject:
        """Return the object as it came.

        Raises:
            ApiError: 422, it could not be written again.
        """
        _check_storable("The request body", self._document, 2 * MAX_DEPTH)
        return self._document

    def only(self, names: Collection[str]) -> "Fields":
        """Return the fields of these names."""
        return Fields({name: self._document[name] for name in names if name in self._document})

    def without(self, names: Collection[str]) -> "Fields":
        """Return the fields of all other names."""
        return Fields({name: self._document[name] for name in self._document if name not in names})

    def allow_only(self, names: Collection[str]) -> None:
        """Refuse fields of other names.

        Raises:
            ApiError: 422 ``form_param_unknown``.
        """
        for name in self._document:
            if name not in names:
                raise ApiError.unknown_param(name[:MAX_TEXT])

    def text(self, name: str, *, longest: int = MAX_TEXT) -> str | None:
        """Return a string of at most ``longest`` characters."""
        value = self._document.get(name)
        return None if value is None else _text(name, value, longest)

    def required_text(self, name: str) -> str:
        """Return a string that must be there and must not be empty."""
        value = self.text(name)
        if not value:
            raise ApiError.missing_param(name)
        return value

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Return a string that is one of ``choices``."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise ApiError.bad_value(name, f"one of {', '.join(sorted(choices))}")
        return value

    def boolean(self, name: str) -> bool | None:
        """Return a truth value."""
        value = self._document.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise ApiError.bad_format(name, "a boolean")

    def integer(self, name: str, *, least: int, most: int = MAX_INTEGER) -> int | None:
        """Return a whole number from ``least`` to ``most``."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise ApiError.bad_format(name, "an integer")
        if not least <= value <= most:
            raise ApiError.bad_value(name, f"from {least} to {most}")
        return value

    def number(self, name: str, *, least: float, most: float) -> float | None:
        """Return a number from ``least`` to ``most``."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ApiError.bad_format(name, "a number")
        if not least <= value <= most:
            raise ApiError.bad_value(name, f"from {least:g} to {most:g}")
        return float(value)

    def numbers(self, name: str, *, least: float, most: float) -> tuple[float, ...] | None:
        """Return a list of numbers from ``least`` to ``most``."""
        if not self.has(name):
            return None
        items = self.items(name)
        each = [Fields({name: item}).number(name, least=least, most=most) for item in items]
        if None in each:
            raise ApiError.bad_format(name, "an array of numbers")
        return tuple(number for number in each if number is not None)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; absent and null mean an empty one."""
        return tuple(_text(name, item) for item in self.items(name))

    def json_object(self, name: str) -> JsonObject | None:
        """Return a JSON object that any serialiser and any database can take."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ApiError.bad_format(name, "a JSON object")
        _check_storable(name, value)
        return value

    def text_map(self, name: str) -> dict[str, str]:
        """Return an object whose values are strings; an empty one when there is none.

        Raises:
            ApiError: 422, it is something else.
        """
        return {
            key: _text(f"{name}.{key}", value)
            for key, value in (self.json_object(name) or {}).items()
        }

    def time(self, name: str) -> int | None:
        """Return an RFC 3339 time as Unix ms."""
        text = self.text(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return max(round(moment.timestamp() * 1000), 0)
        except (ValueError, OverflowError) as malformed:
            raise ApiError.bad_format(
                name, "an RFC 3339 time, e.g. 2012-10-20T07:15:20.902Z"
            ) from malformed

    def nested(self, name: str) -> "Fields":
        """Return the fields of a JSON object; absent and null mean an empty one."""
        return Fields(self.json_object(name) or {})

    def nested_list(self, name: str) -> "tuple[Fields, ...]":
        """Return the fields of each JSON object of a list; absent and null mean an empty one."""
        return tuple(Fields({name: item}).nested(name) for item in self.items(name))

    def anything(self, name: str) -> Any:
        """Return a JSON value of any kind that any serialiser and any database can take."""
        value = self._document.get(name)
        _check_storable(name, {"": value})
        return value

    def items(self, name: str) -> list[Any]:
        """Return a list as it came; absent and null mean an empty one."""
        value = self._document.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ApiError.bad_format(name, "an array")
        if len(value) > MAX_ITEMS:
            raise ApiError.bad_value(name, f"at most {MAX_ITEMS} items")
        return value


def _text(name: str, value: object, longest: int = MAX_TEXT) -> str:
    if not isinstance(value, str):
        raise ApiError.bad_format(name, "a string")
    if len(value) > longest:
        raise ApiError.of(
            422,
            "form_param_max_length_exceeded",
            "is too long",
            f"{name} must not exceed {longest} characters.",
            param_name=name,
        )
    if "\0" in value:
        raise ApiError.bad_format(name, "free of NUL characters")
    return value


def _check_storable(name: str, document: JsonObject, depth: int = MAX_DEPTH) -> None:
    """Refuse what PostgreSQL (NUL) or serialisers (depth) cannot take; looks without recursion."""
    level: list[object] = [document]
    for _ in range(depth):
        deeper: list[object] = []
        for value in level:
            if isinstance(value, dict):
                deeper += value.keys()
                deeper += value.values()
            elif isinstance(value, list):
                deeper += value
            elif isinstance(value, str) and "\0" in value:
                raise ApiError.bad_format(name, "free of NUL characters")
        if not deeper:
            return
        level = deeper
    raise ApiError.bad_value(name, f"nested at most {depth} levels deep")
