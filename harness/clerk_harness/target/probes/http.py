"""Read the service's own HTTP API."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from clerk_harness.target.probes.reading import ProbeError

__all__ = ["HttpSource"]

_PAGE = 1000


class HttpSource:
    """Reads JSON: an object for one user, an array or ``{"data": […], "next": cursor}`` for lists.

    Lists are asked for with ``?limit=1000`` and, from the second page on, ``&after=<next>``.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._http = httpx.Client(headers=dict(headers), timeout=10, trust_env=False)

    def one(self, query: str, clerk_id: str) -> Mapping[str, Any] | None:
        """Read one object; None at 404."""
        answer = self._get(query.replace("{clerk_id}", clerk_id))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        row: Mapping[str, Any] = _json(answer)
        return row

    def rows(self, query: str) -> Iterator[Mapping[str, Any]]:
        """Yield all objects of a list, page by page."""
        parameters: dict[str, Any] = {"limit": _PAGE}
        while True:
            page = _json(self._get(query, parameters))
            if isinstance(page, list):
                yield from page
                return
            yield from page["data"]
            if page.get("next") is None:
                return
            parameters["after"] = page["next"]

    def _get(self, url: str, query: Mapping[str, Any] | None = None) -> httpx.Response:
        try:
            return self._http.get(url, params=query)
        except httpx.HTTPError as problem:
            raise ProbeError(
                f"the probe got no answer from {url} ({problem})", "is the service up?"
            ) from problem


def _json(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise ProbeError(
            f"the probe was answered {answer.status_code} by {answer.request.url}",
            "correct [probe] in the target file",
        )
    try:
        return answer.json()
    except ValueError as problem:
        raise ProbeError(
            f"the probe's answer from {answer.request.url} is not JSON",
            "point [probe] at a JSON endpoint",
        ) from problem
