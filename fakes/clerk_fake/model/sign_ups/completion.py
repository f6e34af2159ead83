"""A sign-up is complete: there is a user, and they are signed in."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Instant
from clerk_fake.model.sessions.commands import SignIn, create_session
from clerk_fake.model.sign_ups.entity import (
    CODE_FIELDS,
    SIGN_UPS,
    SignUp,
    SignUpStatus,
    missing_fields,
    unverified_fields,
)
from clerk_fake.model.users.create import Proof, UserDraft, create_user
from clerk_fake.model.verifications import forget_verifications

__all__ = ["complete_if_ready"]


def complete_if_ready(instance: Instance, sign_up: SignUp, origin: Origin) -> SignUp:
    """Make the user and their session once nothing is missing and everything is verified.

    Raises:
        ApiError: 422, somebody else has claimed an identifier meanwhile.
    """
    if missing_fields(sign_up) or unverified_fields(sign_up):
        return sign_up
    accepted_at = sign_up.legal_accepted_at
    draft = UserDraft(
        external_id=sign_up.external_id,
        email_address=_one(sign_up.email_address),
        phone_number=_one(sign_up.phone_number),
        web3_wallet=_one(sign_up.web3_wallet),
        username=sign_up.username,
        first_name=sign_up.first_name,
        last_name=sign_up.last_name,
        locale=sign_up.locale,
        unsafe_metadata=sign_up.unsafe_metadata,
        public_metadata=sign_up.public_metadata,
        legal_accepted_at=None if accepted_at is None else Instant(accepted_at),
        skip_user_requirement=True,
    )
    proven = {
        getattr(sign_up, name): strategy
        for name, strategy in sign_up.verified.items()
        if name in CODE_FIELDS
    }
    user = create_user(instance, draft, origin, proof=Proof(proven, sign_up.password))
    strategy = next(iter(sign_up.verified.values()), "password")
    sign_in = SignIn(client_id=sign_up.client_id, strategy=strategy, has_tasks=True)
    session = create_session(instance, user, origin, sign_in=sign_in)
    forget_verifications(instance, sign_up.id)
    return SIGN_UPS.change(
        instance,
        sign_up,
        origin,
        status=SignUpStatus.COMPLETE,
        created_user_id=user.id,
        created_session_id=session.id,
    )


def _one(identifier: str | None) -> tuple[str, ...]:
    return () if identifier is None else (identifier,)
