"""Messages and endpoints that are named on the command line."""

from http import HTTPStatus

from clerk_harness.clerk import ClerkInstance, ClerkRefusedError, Endpoint, Message
from clerk_harness.errors import ConfigurationError

__all__ = ["endpoint_at", "message_at"]


def message_at(clerk: ClerkInstance, message_id: str) -> Message:
    """Return the message with this id.

    Raises:
        ConfigurationError: There is none.
    """
    try:
        return clerk.messages.get(message_id)
    except ClerkRefusedError as refusal:
        if refusal.status != HTTPStatus.NOT_FOUND:
            raise
        raise ConfigurationError(
            f"there is no message {message_id!r} in {clerk.keys.instance_id}",
            "'clerk-harness events list' shows those that there are",
        ) from refusal


def endpoint_at(clerk: ClerkInstance, endpoint_id: str) -> Endpoint:
    """Return the endpoint with this id, which must be enabled.

    Raises:
        ConfigurationError: There is none, or it is disabled.
    """
    listed = clerk.endpoints.listed()
    found = next((each for each in listed if each.id == endpoint_id), None)
    if found is None:
        known = ", ".join(f"{each.id} ({each.url})" for each in listed[:5]) or "none"
        raise ConfigurationError(
            f"there is no endpoint {endpoint_id!r} in {clerk.keys.instance_id}", f"there is {known}"
        )
    if found.disabled:
        raise ConfigurationError(f"the endpoint {endpoint_id} is disabled", "enable it first")
    return found
