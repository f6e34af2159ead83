"""Start a sign-up, go on with it, verify what was given, and become a user.

Clerk sends no event for a sign-up; the user and the session that it makes have theirs.
"""

from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.clients import CLIENTS
from clerk_fake.model.invitations.following import check_open, invitation_of_ticket
from clerk_fake.model.sign_ups.admission import check_open_to_all
from clerk_fake.model.sign_ups.checks import checked_fields
from clerk_fake.model.sign_ups.completion import complete_if_ready
from clerk_fake.model.sign_ups.entity import (
    CODE_FIELDS,
    REQUIRED_FIELDS,
    SIGN_UPS,
    SignUp,
    SignUpStatus,
)
from clerk_fake.model.sign_ups.forms import SignUpChange, SignUpDraft, SignUpForm
from clerk_fake.model.users.uniqueness import check_external_id_free
from clerk_fake.model.verifications import (
    VERIFICATIONS,
    Recipient,
    VerificationStatus,
    attempt_code,
    send_code,
)

__all__ = [
    "amend_sign_up",
    "attempt_sign_up_verification",
    "change_sign_up",
    "create_sign_up",
    "prepare_sign_up_verification",
]

DAY_MS: Final = 24 * 60 * 60 * 1000


def create_sign_up(instance: Instance, draft: SignUpDraft, origin: Origin) -> SignUp:
    """Start a sign-up; it may be complete at once.

    Raises:
        ApiError: 403, sign-ups are restricted, or the lists keep the identifier out; 404, there is
            no such client; 422, what was given is malformed or taken; 400, the ticket is void.
    """
    now = instance.clock.now_ms()
    invited: dict[str, Any] = {}
    if draft.ticket is None:
        check_open_to_all(instance)
    else:
        invitation = invitation_of_ticket(instance, draft.ticket)
        check_open(invitation.status_at(now))
        invited = {
            "email_address": invitation.email_address,
            "verified": {"email_address": "ticket"},
            "public_metadata": invitation.public_metadata,
        }
    if draft.client_id is not None:
        CLIENTS.require(instance, draft.client_id)
    given = checked_fields(instance, draft, invited=bool(invited))
    sign_up = SignUp(
        id=SIGN_UPS.new_id(instance),
        created_at=now,
        updated_at=now,
        abandon_at=now + DAY_MS,
        client_id=draft.client_id,
        required_fields=draft.required_fields or REQUIRED_FIELDS,
        **given | invited,
    )
    SIGN_UPS.add(instance, sign_up, origin)
    return complete_if_ready(instance, sign_up, origin)


def amend_sign_up(instance: Instance, sign_up: SignUp, form: SignUpForm, origin: Origin) -> SignUp:
    """Say more, or something else; an identifier that is replaced must be verified again.

    Raises:
        ApiError: 403, the sign-up is over, or the lists keep the identifier out; 422, what was
            given is malformed or taken.
    """
    _check_open(instance, sign_up)
    given = checked_fields(instance, form, invited=False)
    verified = {
        name: strategy
        for name, strategy in sign_up.verified.items()
        if given.get(name, getattr(sign_up, name)) == getattr(sign_up, name)
    }
    changed = SIGN_UPS.change(instance, sign_up, origin, **given, verified=verified)
    return complete_if_ready(instance, changed, origin)


def change_sign_up(
    instance: Instance, sign_up: SignUp, change: SignUpChange, origin: Origin
) -> SignUp:
    """Set what only a back end may.

    Raises:
        ApiError: 403, the sign-up is over; 422, another user has the external id.
    """
    _check_open(instance, sign_up)
    fields = change.fields()
    if fields.get("external_id"):
        check_external_id_free(instance, fields["external_id"])
    return SIGN_UPS.change(instance, sign_up, origin, **fields)


def prepare_sign_up_verification(
    instance: Instance, sign_up: SignUp, strategy: str, origin: Origin
) -> SignUp:
    """Send a code to the address or the number that was given.

    Raises:
        ApiError: 403, the sign-up is over; 400, nothing that it was given is verified like this.
    """
    _check_open(instance, sign_up)
    name = _field_of(strategy)
    identifier = getattr(sign_up, name)
    if identifier is None or name in sign_up.verified:
        raise _wrong_strategy()
    send_code(instance, sign_up.id, Recipient(strategy, identifier), origin)
    return sign_up


def attempt_sign_up_verification(
    instance: Instance, sign_up: SignUp, strategy: str, code: str, origin: Origin
) -> SignUp:
    """Try a code; a right one may complete the sign-up.

    Raises:
        ApiError: 403, the sign-up is over; 422 ``form_code_incorrect``; 400, no code was sent, it
            has expired, or there were too many wrong ones.
    """
    _check_open(instance, sign_up)
    name = _field_of(strategy)
    sent = instance.state.of(VERIFICATIONS).find("subject_id", sign_up.id)
    latest = next((each for each in reversed(sent) if each.strategy == strategy), None)
    if latest is None:
        raise ApiError.of(
            400,
            "verification_not_sent",
            "not sent",
            "You need to send a verification code before attempting to verify.",
        )
    tried = attempt_code(instance, latest, code)
    status = tried.status_at(instance.clock.now_ms())
    if status is VerificationStatus.EXPIRED:
        raise ApiError.of(
            400,
            "verification_expired",
            "expired",
            "This verification has expired. You must create a new one.",
        )
    if status is VerificationStatus.FAILED:
        raise ApiError.of(
            400,
            "verification_failed",
            "failed",
            "Too many failed attempts. You have to try again with the same or another method.",
        )
    if status is VerificationStatus.UNVERIFIED:
        raise ApiError.of(
            422, "form_code_incorrect", "is incorrect", "Incorrect code", param_name="code"
        )
    verified = {**sign_up.verified, name: strategy}
    changed = SIGN_UPS.change(instance, sign_up, origin, verified=verified)
    return complete_if_ready(instance, changed, origin)


def _check_open(instance: Instance, sign_up: SignUp) -> None:
    if sign_up.status_at(instance.clock.now_ms()) is not SignUpStatus.MISSING_REQUIREMENTS:
        raise ApiError.of(
            403,
            "sign_up_cannot_be_updated",
            "Sign up cannot be updated",
            "This sign up has reached a terminal state and cannot be updated",
        )


def _field_of(strategy: str) -> str:
    for name, by in CODE_FIELDS.items():
        if by == strategy:
            return name
    raise _wrong_strategy()


def _wrong_strategy() -> ApiError:
    return ApiError.of(
        400,
        "verification_strategy_invalid",
        "has invalid strategy",
        "The strategy is not valid for the current verification.",
    )
