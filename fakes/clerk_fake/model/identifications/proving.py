"""Prove by a one-time code that an e-mail address or a phone number is its user's."""

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.identifications.commands import mark_verified
from clerk_fake.model.identifications.entity import Standing
from clerk_fake.model.identifications.holding import Owned
from clerk_fake.model.users.uniqueness import check_identifier_free
from clerk_fake.model.verifications import (
    Recipient,
    Verification,
    VerificationStatus,
    attempt_code,
    require_verification,
    send_code,
)

__all__ = ["attempt_verification", "prepare_verification"]


def prepare_verification(instance: Instance, owned: Owned, origin: Origin) -> Verification:
    """Send a code to an identification and return the verification that waits for it.

    Raises:
        ApiError: 400, no code can be sent to it.
    """
    strategy = owned.kind.code_strategy
    if strategy is None:
        raise ApiError.of(
            400,
            "verification_strategy_invalid",
            "has invalid strategy",
            "The strategy is not valid for the current verification.",
        )
    recipient = Recipient(
        strategy=strategy,
        identifier=owned.identification.identifier,
        identification_id=owned.identification.id,
        user_id=owned.owner.id,
    )
    return send_code(instance, owned.identification.id, recipient, origin)


def attempt_verification(
    instance: Instance, owned: Owned, verification_id: str, code: str, origin: Origin
) -> Verification:
    """Try a code; a right one verifies the identification, a wrong one counts.

    Raises:
        ApiError: 404, there is no such verification; 400, its code was accepted before, or
            another user has claimed the identification meanwhile.
    """
    identification = owned.identification
    verification = require_verification(instance, identification.id, verification_id)
    check_identifier_free(
        instance,
        owned.kind,
        identification.identifier,
        Standing.VERIFIED,
        ignoring=owned.owner.id,
    )
    tried = attempt_code(instance, verification, code)
    if tried.status is VerificationStatus.VERIFIED:
        mark_verified(instance, owned, tried.strategy, origin)
    return tried
