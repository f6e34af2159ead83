"""One-time codes: sent to an address or a number, and entered again by whoever reads it there.

The state of a code is its own; what follows from a right one is up to the caller.
"""

import hmac
import re
import string
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.mailbox import Email, SmsMessage, send_email, send_sms
from clerk_fake.model.settings.general import test_mode_of
from clerk_fake.state import Noun

__all__ = [
    "TEST_RECIPIENT",
    "VERIFICATIONS",
    "Recipient",
    "Verification",
    "VerificationStatus",
    "attempt_code",
    "forget_verifications",
    "require_verification",
    "send_code",
    "verification_answer",
]

CODE_LENGTH: Final = 6
LIFETIME_MS: Final = 10 * 60 * 1000
MOST_ATTEMPTS: Final = 3
TEST_CODE: Final = "424242"
TEST_RECIPIENT: Final = re.compile(r"[^@]*\+clerk_test[^@]*@.*|\+1\d{3}55501\d\d")
"""In test mode these take ``TEST_CODE``, and nothing is sent to them."""


class VerificationStatus(StrEnum):
    """How far a verification has come."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Verification:
    """A code on its way; times are ms.

    Attributes:
        id: ``ver_…``.
        subject_id: What is verified, e.g. an identification.
        strategy: ``email_code`` or ``phone_code``.
        status: As last set; ``status_at`` also knows of the time that has passed.
        attempts: How many codes were tried.
    """

    id: str
    created_at: int
    updated_at: int
    subject_id: str
    strategy: str
    code: str
    expire_at: int
    status: VerificationStatus = VerificationStatus.UNVERIFIED
    attempts: int = 0

    def status_at(self, now_ms: int) -> VerificationStatus:
        """Return the status at this time."""
        late = self.status is VerificationStatus.UNVERIFIED and now_ms >= self.expire_at
        return VerificationStatus.EXPIRED if late else self.status


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a code is sent.

    Attributes:
        strategy: ``email_code`` or ``phone_code``.
        identifier: The address or the number.
        identification_id: Its id, once it belongs to a user.
        user_id: Whose it is, likewise.
    """

    strategy: str
    identifier: str
    identification_id: str | None = None
    user_id: str | None = None


VERIFICATIONS: Final = Noun(
    "verifications", Verification, {"subject_id": lambda verification: (verification.subject_id,)}
)


def send_code(
    instance: Instance, subject_id: str, recipient: Recipient, origin: Origin
) -> Verification:
    """Make a code, send it, and return the verification that waits for it."""
    testing = test_mode_of(instance) and TEST_RECIPIENT.fullmatch(recipient.identifier)
    now = instance.clock.now_ms()
    verification = Verification(
        id=instance.ids.new("ver"),
        created_at=now,
        updated_at=now,
        subject_id=subject_id,
        strategy=recipient.strategy,
        code=TEST_CODE if testing else instance.ids.text(string.digits, CODE_LENGTH),
        expire_at=now + LIFETIME_MS,
    )
    instance.state.of(VERIFICATIONS).put(verification)
    if not testing:
        _send(instance, recipient, verification.code, origin)
    return verification


def require_verification(instance: Instance, subject_id: str, verification_id: str) -> Verification:
    """Return the verification of this subject with this id.

    Raises:
        ApiError: 404, there is none.
    """
    verification = instance.state.of(VERIFICATIONS).get(verification_id)
    if verification is None or verification.subject_id != subject_id:
        raise ApiError.not_found("verification", verification_id)
    return verification


def attempt_code(instance: Instance, verification: Verification, code: str) -> Verification:
    """Try a code and return what has become of the verification.

    A wrong code counts, an expired or failed verification stays as it is; its status tells.

    Raises:
        ApiError: 400, the code was accepted before.
    """
    now = instance.clock.now_ms()
    status = verification.status_at(now)
    if status is VerificationStatus.VERIFIED:
        raise ApiError.of(
            400,
            "verification_already_verified",
            "already verified",
            "This verification has already been verified.",
        )
    if status is not VerificationStatus.UNVERIFIED:
        return verification
    attempts = verification.attempts + 1
    if hmac.compare_digest(verification.code.encode(), code.encode(errors="replace")):
        status = VerificationStatus.VERIFIED
    elif attempts >= MOST_ATTEMPTS:
        status = VerificationStatus.FAILED
    tried = replace(verification, status=status, attempts=attempts, updated_at=now)
    instance.state.of(VERIFICATIONS).put(tried)
    return tried


def forget_verifications(instance: Instance, subject_id: str) -> None:
    """Drop all verifications of a subject, which is gone."""
    table = instance.state.of(VERIFICATIONS)
    for verification in table.find("subject_id", subject_id):
        table.remove(verification)


def verification_answer(verification: Verification, now_ms: int) -> JsonObject:
    """Return a verification as prepare and attempt operations of the Backend API answer it."""
    by_phone = verification.strategy == "phone_code"
    return {
        "object": "verification_otp",
        "id": verification.id,
        "status": verification.status_at(now_ms).value,
        "strategy": verification.strategy,
        "attempts": verification.attempts,
        "expire_at": verification.expire_at,
        **({"channel": "sms"} if by_phone else {}),
    }


def _send(instance: Instance, recipient: Recipient, code: str, origin: Origin) -> None:
    if recipient.strategy == "phone_code":
        send_sms(
            instance,
            SmsMessage(
                slug="verification_code",
                to_phone_number=recipient.identifier,
                phone_number_id=recipient.identification_id,
                user_id=recipient.user_id,
                data={"otp_code": code},
            ),
            origin,
        )
        return
    send_email(
        instance,
        Email(
            slug="verification_code",
            to_email_address=recipient.identifier,
            email_address_id=recipient.identification_id,
            user_id=recipient.user_id,
            data={"otp_code": code},
        ),
        origin,
    )
