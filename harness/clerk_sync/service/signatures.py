"""Proves that a delivery comes from Clerk, and reads what it is about."""

import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

import orjson
from svix.webhooks import Webhook, WebhookVerificationError

from clerk_sync.errors import ConfigurationError, InvalidWebhookError
from clerk_sync.store.deliveries import Delivery

__all__ = ["SignatureVerifier"]

_PARTS: Final = ("id", "timestamp", "signature")
_NAMES: Final = {
    brand: tuple((f"{brand}-{part}".encode(), f"svix-{part}") for part in _PARTS)
    for brand in ("svix", "webhook")
}
"""As Svix names its headers, and as Standard Webhooks does, which Svix can be set to."""

_ID: Final = re.compile(r"[\x21-\x7e]{1,255}")
_EVENT_TYPE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,128}")


class SignatureVerifier:
    """Checks signatures with every secret that is in use, by svix, at most 5 minutes off.

    Args:
        secrets: ``whsec_…``, at least one.

    Raises:
        ConfigurationError: A secret is not base64.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        try:
            self._webhooks = [Webhook(secret) for secret in secrets]
        except (ValueError, binascii.Error) as malformed:
            raise ConfigurationError(
                "CLERK_WEBHOOK_SIGNING_SECRET is not a signing secret",
                "copy it whole from Clerk's webhook endpoint page; it starts with whsec_",
            ) from malformed

    def verify(self, body: bytes, headers: Mapping[bytes, bytes]) -> Delivery:
        """Return what was delivered.

        Args:
            body: Raw, as it came.
            headers: Raw, with lower-case names.

        Raises:
            InvalidWebhookError: Anything about headers, signature or body is wrong.
        """
        signed = {}
        for raw, name in _NAMES["svix" if b"svix-id" in headers else "webhook"]:
            value = headers.get(raw)
            if not value:
                raise InvalidWebhookError(f"the header {name} is missing", reason="missing_header")
            signed[name] = value.decode("latin-1")
        svix_id = signed["svix-id"]
        if not _ID.fullmatch(svix_id):
            raise InvalidWebhookError("the header svix-id is malformed", reason="malformed_header")
        self._check_signature(body, signed)
        return _read_event(svix_id, body)

    def _check_signature(self, body: bytes, signed: dict[str, str]) -> None:
        reason = "no secret is configured"
        for webhook in self._webhooks:
            try:
                webhook.verify(body, signed)
            except WebhookVerificationError as refused:
                reason = str(refused)
            except (ValueError, binascii.Error, UnicodeDecodeError, OverflowError):
                # These escape svix on malformed headers and on bodies that are not UTF-8.
                reason = "malformed headers or body"
            else:
                return
        raise InvalidWebhookError(
            f"the signature does not prove the delivery ({reason})", reason="bad_signature"
        )


def _read_event(svix_id: str, body: bytes) -> Delivery:
    document = _parse(body)
    if not isinstance(document, dict):
        raise InvalidWebhookError("the body is not an event object", reason="malformed_body")
    event_type, data = document.get("type"), document.get("data")
    if not (isinstance(event_type, str) and _EVENT_TYPE.fullmatch(event_type)):
        raise InvalidWebhookError("the event's type is missing", reason="malformed_body")
    if not isinstance(data, dict) or document.get("object", "event") != "event":
        raise InvalidWebhookError("the body is not an event object", reason="malformed_body")
    return Delivery(svix_id, event_type, _clerk_id(data), body.decode())


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        # Half a surrogate pair, or a number that no float holds, is JSON all the same. What Clerk
        # signed is kept; the apply step says what is wrong with it.
        return json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as malformed:
        raise InvalidWebhookError("the body is not JSON", reason="malformed_body") from malformed


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _clerk_id(data: dict[str, Any]) -> str | None:
    """Return the id of the record, if Postgres can hold it; the apply step says what is wrong."""
    found = data.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None
