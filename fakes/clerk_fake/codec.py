"""Read immutable values back from the JSON that a snapshot holds.

Writing needs nothing: ``orjson`` writes dataclasses as objects. Reading is strict, since a
snapshot may come from anywhere: a wrong shape is refused with the path of the culprit.
"""

import dataclasses
import types
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from clerk_fake.errors import ApiError

__all__ = ["read_value"]

T = TypeVar("T")


def read_value(wanted: type[T], value: object, path: str) -> T:
    """Build a ``wanted`` (dataclass, tuple, list, dict, enum or JSON scalar) from decoded JSON.

    Raises:
        ApiError: 422 that names ``path`` and what was expected there.
    """
    return cast("T", _read(wanted, value, path))


def _read(wanted: Any, value: object, path: str) -> object:
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return _read_optional(wanted, value, path)
    if origin is tuple:
        return _read_tuple(wanted, value, path)
    if wanted is Any:
        return value
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        return _read_dataclass(wanted, value, path)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return _read_enum(wanted, value, path)
    return _expect(origin or wanted, value, path)


def _read_optional(wanted: Any, value: object, path: str) -> object:
    if value is None:
        return None
    (inner,) = (choice for choice in get_args(wanted) if choice is not type(None))
    return _read(inner, value, path)


def _read_tuple(wanted: Any, value: object, path: str) -> object:
    inner = get_args(wanted)[0]
    items = enumerate(_expect(list, value, path))
    return tuple(_read(inner, item, f"{path}[{index}]") for index, item in items)


def _read_enum(wanted: type[Enum], value: object, path: str) -> Enum:
    try:
        return wanted(value)
    except ValueError as unknown:
        choices = ", ".join(str(member.value) for member in wanted)
        raise ApiError.bad_value(path, f"one of {choices}") from unknown


def _read_dataclass(wanted: type, value: object, path: str) -> object:
    document = _expect(dict, value, path)
    hints = _hints(wanted)
    for name in document:
        if name not in hints:
            raise ApiError.unknown_param(f"{path}.{name}")
    given = {
        name: _read(hint, document[name], f"{path}.{name}")
        for name, hint in hints.items()
        if name in document
    }
    for field in dataclasses.fields(wanted):
        needed = field.default is field.default_factory is dataclasses.MISSING
        if needed and field.name not in given:
            raise ApiError.missing_param(f"{path}.{field.name}")
    return wanted(**given)


def _expect(wanted: Any, value: object, path: str) -> Any:
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ApiError.bad_format(path, f"a {wanted.__name__}")
    return value


@cache
def _hints(wanted: type) -> dict[str, Any]:
    return get_type_hints(wanted)
