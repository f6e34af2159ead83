from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.model.metadata import merge_metadata

LEAVES = st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
OBJECTS = st.recursive(
    st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), LEAVES | inner, max_size=3),
    max_leaves=8,
)


def test_null_deletes_at_every_level_and_objects_merge() -> None:
    old = {"a": 1, "b": {"x": 1, "y": {"z": 2}}, "c": [1]}

    merged = merge_metadata(old, {"a": None, "b": {"x": None, "y": {"w": 3}}, "c": [2]})

    assert merged == {"b": {"y": {"z": 2, "w": 3}}, "c": [2]}
    assert old == {"a": 1, "b": {"x": 1, "y": {"z": 2}}, "c": [1]}


def test_nulls_inside_what_replaces_a_scalar_are_dropped() -> None:
    assert merge_metadata({"a": 1}, {"a": {"b": None, "c": 1}}) == {"a": {"c": 1}}


@given(old=OBJECTS, changes=OBJECTS)
def test_merging_twice_is_merging_once(old: dict[str, object], changes: dict[str, object]) -> None:
    once = merge_metadata(old, changes)

    assert merge_metadata(once, changes) == once
    assert merge_metadata(old, {}) == old
