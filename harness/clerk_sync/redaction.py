"""Blots secrets out of text: our own in every form, and whatever looks like one of Clerk's."""

import base64
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, quote_plus

import orjson

__all__ = ["MARK", "Redactor"]

MARK: Final = "[redacted]"
SHORTEST_SECRET: Final = 8
"""Shorter values are left alone: blotting out ``op`` everywhere hides nothing but the log."""
SIGNING_PREFIX: Final = "whsec_"

_LOOKS_SECRET: Final = (
    # Clerk's keys, also those of somebody else; session tokens; passwords in URLs.
    ("sk_", re.compile(r"\bsk_(?:live|test)_[A-Za-z0-9_-]{8,}")),
    (SIGNING_PREFIX, re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]{8,}")),
    ("eyJ", re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")),
    ("://", re.compile(r"(?<=://)[^\s/@\"']*:[^\s/@\"']*(?=@)")),
)


class Redactor:
    """Blots out.

    Args:
        secrets: Values that must not be seen; nor URL-encoded, as base64, in JSON or as ``repr``.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        # The longest first: a form may hold another.
        self._forms = sorted((form for form in forms if len(form) >= SHORTEST_SECRET), key=len)[
            ::-1
        ]

    def redact(self, text: str) -> str:
        """Return the text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MARK)
        for clue, pattern in _LOOKS_SECRET:
            if clue in text:
                text = pattern.sub(MARK, text)
        return text


def _forms(secret: str) -> set[str]:
    if len(secret) < SHORTEST_SECRET:
        return set()
    plain = {secret, secret.removeprefix(SIGNING_PREFIX)}
    forms = set(plain)
    for value in plain:
        raw = value.encode("utf-8", "surrogateescape")
        forms |= {quote(raw, safe=""), quote(raw), quote_plus(raw)}
        forms |= {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
        # Without the padding, which is often left out.
        forms |= {form.rstrip("=") for form in forms}
        forms.add(repr(value)[1:-1])
    # As they stand within a JSON string.
    forms |= {
        orjson.dumps(form.encode("utf-8", "replace").decode())[1:-1].decode() for form in forms
    }
    return forms
