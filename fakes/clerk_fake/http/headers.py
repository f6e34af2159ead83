"""The headers of a request, decoded when somebody asks for them."""

from collections.abc import Iterable

__all__ = ["Headers"]


class Headers:
    """Lower-case name → value (the last one, when repeated).

    Args:
        raw: As ASGI gives them.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = dict(raw)

    def __contains__(self, name: str) -> bool:
        return name.encode() in self._raw

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a header, or ``default`` when it was not sent."""
        value = self._raw.get(name.encode())
        return default if value is None else value.decode("latin-1")
