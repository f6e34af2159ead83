"""When messages are due. A profile is a small file and one line in ``PROFILES``."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from clerk_load.profiles import constant

__all__ = ["PROFILES", "Profile"]

# Rate per second, number of messages and seed in; seconds after the start out, ascending.
Profile = Callable[[float, int, int], Sequence[float]]

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "constant": constant.offsets,
    }
)
