"""Read a JSON object into a frozen dataclass: the dataclass is the form.

A field's type hint says what may come in, its default whether it must:

- no default: required, ``form_param_missing`` when absent, null or an empty string;
- ``T | None = None``: absent and null are ``None``;
- ``T | Unset = UNSET``: absent and null mean "leave it as it is";
- ``T | Unset | None = UNSET``: absent means "leave it as it is", null clears.

Types: ``str``, ``bool``, ``int``, ``float``, ``Instant``, ``JsonObject``, ``Any``, enums of
strings, ``Literal`` of strings, other forms, tuples of strings or forms, and mappings of strings.
``Annotated`` adds ``Between`` to numbers and ``Length`` to strings and tuples. Names are those of
the wire.
"""

import dataclasses
import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
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
from clerk_fake.http.fields import Fields
from clerk_fake.jsontypes import Between, Instant, JsonObject, Length
from clerk_fake.model.unset import UNSET, Unset

__all__ = ["form_names", "read_form"]

F = TypeVar("F")
Reader: TypeAlias = Callable[[Fields, str], Any]


@dataclass(frozen=True, slots=True)
class _Slot:
    """One field of a form: how it is read, and what stands for null."""

    read: Reader
    required: bool
    may_be_empty: bool
    null: Any


def read_form(form: type[F], fields: Fields) -> F:
    """Build ``form`` from a request's fields.

    Raises:
        ApiError: 422 in Clerk's words: a field is unknown, missing, malformed or out of range.
    """
    slots = _slots(cast("Hashable", form))
    fields.allow_only(slots)
    sent = fields.names()
    values = {
        name: _value(slot, fields, name)
        for name, slot in slots.items()
        if name in sent or slot.required  # for all others the form has its own defaults
    }
    return form(**values)


def form_names(form: type) -> frozenset[str]:
    """Return the names of the fields of ``form``, e.g. to drop some for an API version."""
    return frozenset(_slots(form))


def _value(slot: _Slot, fields: Fields, name: str) -> Any:
    if not fields.has(name):
        if slot.required:
            raise ApiError.missing_param(name)
        return slot.null
    value = slot.read(fields, name)
    if slot.required and value == "" and not slot.may_be_empty:
        raise ApiError.missing_param(name)
    return value


@cache
def _slots(form: Hashable) -> Mapping[str, _Slot]:
    if not (isinstance(form, type) and dataclasses.is_dataclass(form)):
        raise TypeError(f"a form is a dataclass, not {form}")
    hints = get_type_hints(form, include_extras=True)
    return {field.name: _slot(field, hints[field.name]) for field in dataclasses.fields(form)}


def _slot(field: "dataclasses.Field[Any]", hint: Any) -> _Slot:
    choices = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    (wanted,) = (choice for choice in choices if choice not in (types.NoneType, Unset))
    required = field.default is field.default_factory is dataclasses.MISSING
    absent = None if required else _default(field)
    return _Slot(
        read=_reader(wanted),
        required=required,
        may_be_empty=any(isinstance(each, Length) for each in _constraints(wanted)),
        null=None if absent is UNSET and types.NoneType in choices else absent,
    )


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    factory = cast("Callable[[], Any]", field.default_factory)
    return factory()


def _constraints(wanted: Any) -> tuple[Any, ...]:
    return get_args(wanted)[1:] if get_origin(wanted) is Annotated else ()


def _reader(wanted: Any) -> Reader:
    constraints = _constraints(wanted)
    bare = get_args(wanted)[0] if constraints else wanted
    between = next((each for each in constraints if isinstance(each, Between)), None)
    length = next((each for each in constraints if isinstance(each, Length)), None)
    if bare in (int, float):
        return _number_reader(bare, between or Between(0))
    if bare is str:
        return Fields.text if length is None else _text_reader(length)
    simple = SIMPLE.get(bare)
    if simple is not None:
        return simple
    if get_origin(bare) is Mapping:
        return Fields.text_map
    if get_origin(bare) is tuple:
        return _bounded(_tuple_reader(get_args(bare)[0]), length)
    return _composite_reader(bare)


def _composite_reader(bare: Any) -> Reader:
    if get_origin(bare) is Literal:
        choices = get_args(bare)
        return lambda fields, name: fields.choice(name, choices)
    if isinstance(bare, type) and issubclass(bare, Enum):
        members = {str(member.value): member for member in bare}
        return lambda fields, name: members[fields.choice(name, members) or ""]
    if dataclasses.is_dataclass(bare) and isinstance(bare, type):
        return lambda fields, name: read_form(bare, fields.nested(name))
    raise TypeError(f"a form cannot hold {bare}")


def _number_reader(kind: type, between: Between) -> Reader:
    if kind is int:
        least, most = int(between.least), int(between.most)
        return lambda fields, name: fields.integer(name, least=least, most=most)
    return lambda fields, name: fields.number(name, least=between.least, most=between.most)


def _text_reader(length: Length) -> Reader:
    def read(fields: Fields, name: str) -> str | None:
        text = fields.text(name, longest=length.most)
        if text is not None and len(text) < length.least:
            raise ApiError.of(
                422,
                "form_param_min_length_not_met",
                "is too short",
                f"{name} must have at least {length.least} characters.",
                param_name=name,
            )
        return text

    return read


def _tuple_reader(item: Any) -> Reader:
    if item is str:
        return Fields.texts
    if dataclasses.is_dataclass(item) and isinstance(item, type):
        return lambda fields, name: tuple(
            read_form(item, each) for each in fields.nested_list(name)
        )
    read = _reader(item)

    def read_each(fields: Fields, name: str) -> tuple[Any, ...]:
        items = list(fields.items(name))
        if None in items:
            raise ApiError.bad_format(name, "an array without null")
        return tuple(read(Fields({name: each}), name) for each in items)

    return read_each


def _bounded(read: Reader, length: Length | None) -> Reader:
    if length is None:
        return read

    def read_bounded(fields: Fields, name: str) -> Any:
        items = read(fields, name)
        if not length.least <= len(items) <= length.most:
            raise ApiError.bad_value(name, f"of {length.least} to {length.most} items")
        return items

    return read_bounded


SIMPLE: Final[Mapping[Any, Reader]] = {
    bool: Fields.boolean,
    Instant: Fields.time,
    JsonObject: Fields.json_object,
    Any: Fields.anything,
}
