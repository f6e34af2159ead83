"""Read the parameters of a query string."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Self
from urllib.parse import unquote_plus

from clerk_fake.errors import ApiError
from clerk_fake.paging import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, Page

__all__ = ["Query"]

MAX_VALUES: Final = 100
"""Clerk takes up to 100 values of one parameter."""

MAX_PARAMETERS: Final = 1000

TRUTH: Final = {"true": True, "false": False, "1": True, "0": False}


class Query:
    """Parameters from outside; every reader returns ``None`` for an absent one.

    Args:
        values: Name → all values, in order.
    """

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    @classmethod
    def parse(cls, query_string: bytes) -> Self:
        """Read ``a=1&b=2``, as it came over the wire.

        Raises:
            ApiError: 400, there are too many parameters.
        """
        if not query_string:
            return cls({})
        pairs = query_string.decode("latin-1").split("&")
        if len(pairs) > MAX_PARAMETERS:
            raise ApiError.bad_request("The query string has too many parameters.")
        values: dict[str, list[str]] = {}
        for pair in pairs:
            if pair:
                name, _, value = pair.partition("=")
                values.setdefault(_decoded(name), []).append(_decoded(value))
        return cls(values)

    def mentions_any(self, names: Collection[str]) -> bool:
        """Tell whether one of ``names`` is there, also as ``name[]``."""
        return any(name.removesuffix("[]") in names for name in self._values)

    def text(self, name: str) -> str | None:
        """Return the first value."""
        values = self._values.get(name)
        return values[0] if values else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values, whether written ``a=1&a=2`` or ``a[]=1&a[]=2``."""
        values = (*self._values.get(name, ()), *self._values.get(f"{name}[]", ()))
        if len(values) > MAX_VALUES:
            raise ApiError.bad_value(name, f"at most {MAX_VALUES} values")
        return values

    def signed(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the values that are wanted (bare, or ``+`` in front) and those that are not.

        A ``+`` that was not encoded has come over the wire as a space.
        """
        values = [value.lstrip() for value in self.texts(name)]
        unwanted = frozenset(value[1:] for value in values if value.startswith("-"))
        wanted = (value.removeprefix("+") for value in values if not value.startswith("-"))
        return frozenset(wanted), unwanted

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Return a value that is one of ``choices``."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise ApiError.bad_value(name, f"one of {', '.join(sorted(choices))}")
        return value

    def boolean(self, name: str) -> bool | None:
        """Return ``true`` or ``false``."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in TRUTH:
            raise ApiError.bad_format(name, "true or false")
        return TRUTH[value.lower()]

    def integer(self, name: str, *, least: int, most: int) -> int | None:
        """Return a whole number from ``least`` to ``most``.

        It may have an empty fraction: where Clerk says number rather than integer, its Python
        client writes ``10.0``.
        """
        value = self.text(name)
        if value is None:
            return None
        value = value.removesuffix(".0")
        digits = value.removeprefix("-")
        if not digits.isascii() or not digits.isdecimal() or len(digits) > len(str(most)) + 2:
            raise ApiError.bad_format(name, "an integer")
        if not least <= int(value) <= most:
            raise ApiError.bad_value(name, f"from {least} to {most}")
        return int(value)

    def page(self, *, largest: int = MAX_LIMIT) -> Page:
        """Return ``limit``, which is at most ``largest``, and ``offset``."""
        limit = self.integer("limit", least=1, most=largest)
        offset = self.integer("offset", least=0, most=MAX_OFFSET)
        return Page(DEFAULT_LIMIT if limit is None else limit, offset or 0)


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text
