"""Arbitrary values of a type, made from its hints: what a snapshot or a state file might hold."""

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from hypothesis import strategies as st

__all__ = ["values_of"]

JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@cache
def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a type that snapshots can hold."""
    generic = GENERICS.get(get_origin(hint))
    if generic is not None:
        return generic(*get_args(hint))
    if dataclasses.is_dataclass(hint):
        # Deferred: a dataclass may hold itself.
        return st.deferred(lambda: st.builds(hint, **_fields(hint)))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return SIMPLE[hint]


@cache
def _fields(hint: Any) -> dict[str, st.SearchStrategy[Any]]:
    return {
        name: values_of(inner)
        for name, inner in get_type_hints(hint, include_extras=True).items()
        if name in {field.name for field in dataclasses.fields(hint) if field.init}
    }


def _either(*choices: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.none() if each is types.NoneType else values_of(each) for each in choices)


GENERICS: Final[Mapping[Any, Callable[..., st.SearchStrategy[Any]]]] = {
    Annotated: lambda inner, *_: values_of(inner),
    Union: _either,
    types.UnionType: _either,
    tuple: lambda inner, *_: st.lists(values_of(inner), max_size=2).map(tuple),
    Literal: lambda *choices: st.sampled_from(choices),
    dict: lambda _, inner: st.dictionaries(st.text(max_size=8), values_of(inner), max_size=2),
    Mapping: lambda _, inner: st.dictionaries(st.text(max_size=8), values_of(inner), max_size=2),
}
SIMPLE: Final[Mapping[Any, st.SearchStrategy[Any]]] = {
    str: st.text(max_size=8),
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Any: JSON,
}
