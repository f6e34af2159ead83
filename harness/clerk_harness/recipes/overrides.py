"""What of an event shall be otherwise: ``data.first_name=Ada``, as read from the command line."""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

import orjson

from clerk_harness.errors import ConfigurationError

__all__ = [
    "Override",
    "UnknownPathError",
    "overridden",
    "read_override",
    "unmet",
]

_Path: TypeAlias = tuple[str | int, ...]

_INDEX = re.compile(r"\[(\d+)\]")
_MISSING = object()


class UnknownPathError(ConfigurationError):
    """An event of this type has no such field."""


@dataclass(frozen=True, slots=True)
class Override:
    """One field of an event and the value that it shall have.

    Attributes:
        path: Names and list indexes below ``data``.
        value: Any JSON.
    """

    path: _Path
    value: Any

    def __str__(self) -> str:
        return _written(self.path)


def read_override(text: str) -> Override:
    """Read ``data.PATH=VALUE``; a value that is no JSON is a string.

    Raises:
        ConfigurationError: It cannot be read so, or is about something outside of ``data``.
    """
    where, equals, value = text.partition("=")
    names = _INDEX.sub(r".\1", where.strip()).split(".")
    if not equals or not all(names):
        raise ConfigurationError(
            f"--set {text!r} cannot be read", "write PATH=VALUE, such as data.first_name=Ada"
        )
    try:
        value.encode()
        where.encode()
    except UnicodeEncodeError as malformed:
        raise ConfigurationError(f"--set {text!r} is not in UTF-8") from malformed
    if names[0] != "data" or len(names) == 1:
        raise ConfigurationError(
            f"--set {where!r} is about no field of the event's data",
            f"did you mean data.{'.'.join(names)}?"
            if names[0] not in {"data", "type", "object", "timestamp", "instance_id"}
            else "only what is below data can be set, such as data.first_name",
        )
    path = tuple(int(name) if name.isdecimal() else name for name in names[1:])
    return Override(path, _parsed(value))


def overridden(data: Any, overrides: Sequence[Override]) -> Any:
    """Return a copy of ``data`` in which the overrides hold.

    Raises:
        UnknownPathError: There is no such field; names the nearest.
    """
    changed = deepcopy(data)
    for override in overrides:
        changed = _put(changed, override, override.path)
    return changed


def unmet(data: Any, overrides: Sequence[Override]) -> tuple[Override, ...]:
    """Return the overrides that do not hold in ``data``."""
    return tuple(each for each in overrides if not _holds(data, each))


def _holds(data: Any, override: Override) -> bool:
    """Tell whether JSON would say the same, to which ``true`` is not ``1``."""
    there = _value_at(data, override.path, _MISSING)
    return there is not _MISSING and _json(there) == _json(override.value)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _value_at(data: Any, path: _Path, default: Any = None) -> Any:
    """Return what ``data`` has at ``path``; ``default`` when there is nothing."""
    for name in path:
        try:
            data = data[_key(data, name)]
        except (KeyError, IndexError, TypeError):
            return default
    return data


def _key(holder: Any, name: str | int) -> str | int:
    """Return what ``name`` is in ``holder``: digits are an index of a list and a name elsewhere."""
    return name if isinstance(holder, list) else str(name)


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _put(data: Any, override: Override, path: _Path) -> Any:
    place = data
    for depth, name in enumerate(path[:-1]):
        below = _value_at(place, (name,), _MISSING)
        if isinstance(place, dict) and below is _MISSING and _is_free(path[: depth + 1]):
            below = place[str(name)] = {}
        if not isinstance(below, dict | list):
            raise _unknown(data, override, path[: depth + 1], below)
        place = below
    name = path[-1]
    known = _value_at(place, (name,), _MISSING) is not _MISSING
    if isinstance(place, dict) and (known or _is_free(path)):
        place[str(name)] = override.value
    elif isinstance(place, list) and isinstance(name, int) and name <= len(place):
        place[name : name + 1] = [override.value]
    else:
        raise _unknown(data, override, path, _MISSING)
    return data


def _is_free(path: _Path) -> bool:
    """Whether the application decides on what is here, not Clerk."""
    return any(str(name).endswith("_metadata") for name in path[:-1])


def _unknown(data: Any, override: Override, at: _Path, found: Any) -> UnknownPathError:
    if found is None:
        return UnknownPathError(
            f"{_written(at)} is null, so {override} cannot be set in it",
            f"set the whole: --set '{_written(at)}={{…}}'",
        )
    holder = _value_at(data, at[:-1])
    if isinstance(holder, list):
        return UnknownPathError(
            f"there is no {_written(at)}",
            f"{_written(at[:-1])} has {len(holder)} entries, counted from 0",
        )
    return UnknownPathError(f"there is no {override}", _nearest(data, str(override)))


def _nearest(data: Any, wanted: str) -> str:
    known = [_written(path).removeprefix("data.") for path in _paths(data)]
    near = get_close_matches(wanted.removeprefix("data."), known, n=3, cutoff=0.6)
    if not near:
        last = wanted.rpartition(".")[2]
        near = [path for path in known if path.endswith(f".{last}")][:3]
    if near:
        return f"did you mean data.{' or data.'.join(near)}?"
    return f"there are {', '.join(sorted(f'data.{name}' for name in data))}"


def _paths(data: Any, path: _Path = ()) -> Iterator[_Path]:
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for name, value in entries:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from _paths(value, (*path, name))


def _written(path: _Path) -> str:
    return ".".join(["data", *map(str, path)])
