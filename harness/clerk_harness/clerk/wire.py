"""One HTTP connection to the fake: every answer is JSON, every refusal becomes an error."""

import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from clerk_harness.errors import HarnessError

__all__ = ["ClerkRefusedError", "Wire"]

_UNREADABLE = "unreadable_answer"


class ClerkRefusedError(HarnessError):
    """The fake answered with an error envelope.

    Attributes:
        status: HTTP status.
        code: Clerk's error code, such as ``form_identifier_exists``.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        super().__init__(f"Clerk answered {status} {code}", message)

    @property
    def is_clerks(self) -> bool:
        """Whether the answer had Clerk's envelope; if not, something else may have given it."""
        return self.code != _UNREADABLE


class Wire:
    """A keep-alive client of one base URL, usable from several threads.

    Args:
        base_url: Everything is relative to this.
        secret_key: Sent as bearer when given.
    """

    def __init__(self, base_url: str, secret_key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {secret_key}"} if secret_key else {}
        # Never through a proxy, and without reading certificates, which takes longer than many a
        # test: the fake is on this machine.
        self._http = httpx.Client(
            base_url=base_url,
            headers=headers,
            timeout=15,
            trust_env=False,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        **query: str | float | bool | None,
    ) -> Any:
        """Send one request and return the decoded body.

        Raises:
            ClerkRefusedError: The answer was not 2xx.
        """
        params = {key: value for key, value in query.items() if value is not None}
        return _decoded(self._http.request(method, path, json=body, params=params or None))

    def post_text(self, path: str, text: str) -> Any:
        """POST text as it is and return the decoded body.

        Raises:
            ClerkRefusedError: The answer was not 2xx.
        """
        return _decoded(self._http.post(path, content=text.encode()))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _decoded(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    code, message = _errors(answer)
    raise ClerkRefusedError(answer.status_code, code, message)


def _errors(answer: httpx.Response) -> tuple[str, str]:
    """Return the code of the first error, and what all of them say."""
    try:
        errors = answer.json()["errors"]
        said = [str(error.get("long_message") or error["message"]) for error in errors]
        return str(errors[0]["code"]), "; ".join(said)
    except (ValueError, LookupError, TypeError):
        return _UNREADABLE, answer.text[:200]
