"""What users of Svix attach to apps and endpoints: names and texts."""

from collections.abc import Mapping
from typing import Final

import orjson

from clerk_fake.errors import ApiError

__all__ = ["check_svix_metadata"]

MOST_BYTES: Final = 4096


def check_svix_metadata(metadata: Mapping[str, object]) -> dict[str, str]:
    """Return metadata that Svix would keep.

    Raises:
        ApiError: 422, a value is no string, or all together are larger than 4096 bytes of JSON.
    """
    texts = {name: value for name, value in metadata.items() if isinstance(value, str)}
    for name in metadata:
        if name not in texts:
            raise ApiError.bad_format(f"metadata.{name[:100]}", "a string")
    if len(orjson.dumps(texts)) > MOST_BYTES:
        raise ApiError.bad_value("metadata", f"at most {MOST_BYTES} bytes of JSON")
    return texts
