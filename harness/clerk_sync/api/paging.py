"""Lists: ``?after=<seq>&limit=<n>`` → ``{"data": […], "next": seq | null}``."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Query

__all__ = ["After", "Limit", "page"]

After = Annotated[int, Query(ge=0, lt=2**63)]
Limit = Annotated[int, Query(ge=1, le=1000)]


class _Numbered(Protocol):
    @property
    def seq(self) -> int: ...


Record = TypeVar("Record", bound=_Numbered)


def page(
    records: Sequence[Record], limit: int, render: Callable[[Record], dict[str, Any]]
) -> dict[str, Any]:
    """Render one page; a full one says where the next begins."""
    following = records[-1].seq if len(records) == limit else None
    return {"data": [render(record) for record in records], "next": following}
