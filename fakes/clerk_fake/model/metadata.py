"""Metadata: merged deeply, ``null`` deletes, and 8 kB is enough for anybody."""

from typing import Final

import orjson

from clerk_fake.errors import ApiError
from clerk_fake.jsontypes import JsonObject

__all__ = ["check_metadata", "merge_metadata"]

NO_METADATA: Final[JsonObject] = {}

MAX_BYTES: Final = 8_192
"""Clerk's limit for one metadata object, as compact JSON."""


def merge_metadata(old: JsonObject, changes: JsonObject) -> JsonObject:
    """Return ``old`` with ``changes`` merged in at every level; ``null`` removes a key."""
    merged = dict(old)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            below = merged.get(key)
            merged[key] = merge_metadata(below if isinstance(below, dict) else {}, value)
        else:
            merged[key] = value
    return merged


def check_metadata(name: str, metadata: JsonObject) -> JsonObject:
    """Return the metadata; all that have none share one empty object, which nobody changes.

    Raises:
        ApiError: 422, it is too large.
    """
    if not metadata:
        return NO_METADATA
    if len(orjson.dumps(metadata)) > MAX_BYTES:
        raise ApiError.of(
            422,
            "form_param_exceeds_allowed_size",
            "exceeds allowed size",
            f"{name} exceeds the maximum allowed size of {MAX_BYTES} bytes.",
            param_name=name,
        )
    return metadata
