"""Read immutable values back from the JSON that a snapshot or a state file holds.

Writing needs nothing: ``orjson`` writes dataclasses as objects. Reading is strict, since a
snapshot may come from anywhere: a wrong shape is refused with the path of the culprit. A reader is
built once per type; the path is put together only when something is wrong.
"""

import dataclasses
import types
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from functools import cache
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from clerk_fake.errors import ApiError

__all__ = ["read_value"]

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any], Any]


class _MisfitError(Exception):
    """A value that does not fit; the path to it grows from the inside out."""

    def __init__(self, refusal: Callable[[str], ApiError]) -> None:
        super().__init__()
        self.refusal = refusal
        self.path = ""

    def inside(self, place: str) -> "_MisfitError":
        self.path = place + self.path
        return self


def read_value(wanted: type[T], value: object, path: str) -> T:
    """Build a ``wanted`` (dataclass, tuple, list, dict, enum or JSON scalar) from decoded JSON.

    Raises:
        ApiError: 422 that names ``path`` and what was expected there.
        TypeError: ``wanted`` is or holds something that cannot be read from JSON.
    """
    try:
        return cast("T", _reader(cast("Hashable", wanted))(value))
    except _MisfitError as misfit:
        raise misfit.refusal(path + misfit.path) from None


@cache
def _reader(wanted: Any) -> Reader:
    generic = GENERICS.get(get_origin(wanted))
    if generic is not None:
        return generic(wanted)
    if wanted is Any:
        return lambda value: value
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        return _DataclassReader(wanted)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return _choice_reader({member.value: member for member in wanted})
    return _scalar_reader(wanted)


def _optional_reader(wanted: Any) -> Reader:
    choices = [choice for choice in get_args(wanted) if choice is not types.NoneType]
    if len(choices) != 1:
        raise TypeError(f"{wanted} cannot be told apart in JSON")
    inner = _reader(choices[0])
    return lambda value: None if value is None else inner(value)


def _literal_reader(wanted: Any) -> Reader:
    return _choice_reader({choice: choice for choice in get_args(wanted)})


def _tuple_reader(wanted: Any) -> Reader:
    inner, *rest = get_args(wanted)
    if rest != [...]:
        raise TypeError(f"{wanted} is no tuple of any length")
    read, expect = _reader(inner), _scalar_reader(list)

    def read_tuple(value: Any) -> Any:
        items = expect(value)
        if not items:
            return ()
        index = 0
        try:
            read_items = []
            for index, item in enumerate(items):  # noqa: B007 - read when something is wrong
                read_items.append(read(item))
            return tuple(read_items)
        except _MisfitError as misfit:
            raise misfit.inside(f"[{index}]") from None

    return read_tuple


def _dict_reader(wanted: Any) -> Reader:
    read, expect = _reader(get_args(wanted)[1]), _scalar_reader(dict)

    def read_dict(value: Any) -> Any:
        entries = {}
        for name, item in expect(value).items():
            try:
                entries[name] = read(item)
            except _MisfitError as misfit:
                raise misfit.inside(f".{name}") from None
        return entries

    return read_dict


def _choice_reader(choices: Mapping[Any, Any]) -> Reader:
    expected = f"one of {', '.join(map(str, choices))}"

    def read(value: Any) -> Any:
        try:
            return choices[value]
        except (KeyError, TypeError):
            raise _MisfitError(lambda path: ApiError.bad_value(path, expected)) from None

    return read


def _scalar_reader(wanted: type) -> Reader:
    if wanted not in (str, int, float, bool, list, dict):
        raise TypeError(f"{wanted} cannot be read from JSON")

    def read(value: Any) -> Any:
        if type(value) is wanted:
            return value
        if wanted is float and type(value) is int:
            return float(value)
        raise _MisfitError(lambda path: ApiError.bad_format(path, f"a {wanted.__name__}"))

    return read


class _DataclassReader:
    """Reads one dataclass; its fields are looked at on first use, as they may hold it again."""

    def __init__(self, wanted: type) -> None:
        self._wanted: Any = wanted
        self._fields: dict[str, Reader] | None = None
        self._needed: tuple[str, ...] = ()

    def __call__(self, value: Any) -> Any:
        fields = self._fields or self._prepare()
        if type(value) is not dict:
            raise _MisfitError(lambda path: ApiError.bad_format(path, "a dict"))
        name = ""
        try:
            given = {}
            for name, item in value.items():
                given[name] = fields[name](item)
        except KeyError:
            raise _MisfitError(ApiError.unknown_param).inside(f".{name}") from None
        except _MisfitError as misfit:
            raise misfit.inside(f".{name}") from None
        for name in self._needed:
            if name not in given:
                raise _MisfitError(ApiError.missing_param).inside(f".{name}")
        return self._wanted(**given)

    def _prepare(self) -> dict[str, Reader]:
        hints = get_type_hints(self._wanted, include_extras=True)
        self._fields = {name: _reader(hint) for name, hint in hints.items()}
        self._needed = tuple(
            field.name
            for field in dataclasses.fields(self._wanted)
            if field.default is field.default_factory is dataclasses.MISSING
        )
        return self._fields


GENERICS: Final[Mapping[Any, Callable[[Any], Reader]]] = {
    Annotated: lambda wanted: _reader(get_args(wanted)[0]),
    Union: _optional_reader,
    types.UnionType: _optional_reader,
    tuple: _tuple_reader,
    Literal: _literal_reader,
    dict: _dict_reader,
    Mapping: _dict_reader,
}
