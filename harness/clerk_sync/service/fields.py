"""One JSON object of Clerk's, read field by field; what breaks the model is named.

Missing and null optional fields are the normal case and mean "none".
"""

from typing import Any, Final, TypeVar

from clerk_sync.errors import PayloadError

__all__ = ["Fields"]

T = TypeVar("T")

LONGEST_KEY: Final = 255
"""Characters of what an index holds, like ids and addresses; Clerk's are shorter."""
DEEPEST: Final = 200
"""Levels of an object; JSON libraries differ in what they take from 255 on."""
MOST_INTEGER: Final = 2**31
MOST_MILLISECONDS: Final = 2**63
_NUL: Final = "contains a NUL character, which Postgres cannot hold"


class Fields:
    """Reads an object.

    Every method raises ``PayloadError`` for a field that has another type than Clerk's.

    Args:
        data: The object.
        where: Its name in errors, e.g. ``data`` or ``data.email_addresses[0]``.
    """

    def __init__(self, data: dict[str, Any], where: str = "data") -> None:
        self._data = data
        self._where = where

    def text(self, name: str) -> str | None:
        """Return a text."""
        value = self._optional(name, str)
        if value is not None and "\x00" in value:
            raise PayloadError(self._named(name), _NUL)
        return value

    def required_text(self, name: str) -> str:
        """Return a text that must be there and may not be empty."""
        return self.required(name, self.text(name) or None)

    def key(self, name: str) -> str | None:
        """Return a text that is looked for, and so has a longest length."""
        value = self.text(name)
        if value is not None and len(value) > LONGEST_KEY:
            raise PayloadError(self._named(name), f"is longer than {LONGEST_KEY} characters")
        return value

    def required_key(self, name: str) -> str:
        """Return a key that must be there and may not be empty."""
        return self.required(name, self.key(name) or None)

    def flag(self, name: str) -> bool:
        """Return a truth; none is false."""
        return self._optional(name, bool) or False

    def integer(self, name: str) -> int | None:
        """Return a whole number that fits into 32 bits."""
        return self._whole(name, MOST_INTEGER, "is not a number below 2^31")

    def milliseconds(self, name: str) -> int | None:
        """Return a time in unix milliseconds."""
        return self._whole(name, MOST_MILLISECONDS, "is not a time in unix milliseconds")

    def required_milliseconds(self, name: str) -> int:
        """Return a time in unix milliseconds that must be there."""
        return self.required(name, self.milliseconds(name))

    def object(self, name: str) -> dict[str, Any]:
        """Return an object as it is; none is empty."""
        value = self._optional(name, dict) or {}
        if _is_deep(value):
            raise PayloadError(self._named(name), f"is nested deeper than {DEEPEST} levels")
        return value

    def inside(self, name: str) -> "Fields":
        """Return a reader of an object within; none is empty."""
        return Fields(self._optional(name, dict) or {}, self._named(name))

    def each(self, name: str) -> "list[Fields]":
        """Return readers of the objects in a list; none is empty."""
        readers = []
        for position, entry in enumerate(self._optional(name, list) or []):
            where = self._named(f"{name}[{position}]")
            if not isinstance(entry, dict):
                raise PayloadError(where, "is not an object")
            readers.append(Fields(entry, where))
        return readers

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts in a list; none is empty."""
        texts = self._optional(name, list) or []
        for position, entry in enumerate(texts):
            if not isinstance(entry, str):
                raise PayloadError(self._named(f"{name}[{position}]"), "is not of type str")
        return tuple(texts)

    def raw(self, name: str) -> Any:
        """Return whatever is there."""
        return self._data.get(name)

    def required(self, name: str, value: T | None) -> T:
        """Return ``value``, which was read from this field and must be there."""
        if value is None:
            raise PayloadError(self._named(name), "is missing")
        return value

    def _named(self, name: str) -> str:
        return f"{self._where}.{name}"

    def _optional(self, name: str, kind: type[T]) -> T | None:
        value = self._data.get(name)
        if value is None or isinstance(value, kind):
            return value
        raise PayloadError(self._named(name), f"is not of type {kind.__name__}")

    def _whole(self, name: str, bound: int, problem: str) -> int | None:
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < bound:
            raise PayloadError(self._named(name), problem)
        return value


def _is_deep(value: dict[str, Any]) -> bool:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
