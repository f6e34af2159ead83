"""Create a user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import USER_CREATED
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Instant, JsonObject
from clerk_fake.model.identifications.entity import Standing
from clerk_fake.model.identifications.formats import check_username
from clerk_fake.model.identifications.kinds import (
    EMAIL_ADDRESSES,
    PHONE_NUMBERS,
    WEB3_WALLETS,
    IdentificationKind,
)
from clerk_fake.model.invitations.acceptance import (
    accept_invitations,
    invitations_of,
    metadata_of,
)
from clerk_fake.model.metadata import check_metadata
from clerk_fake.model.organization_domains.enrollment import enroll
from clerk_fake.model.passwords.entity import Password
from clerk_fake.model.restrictions.admission import check_admission
from clerk_fake.model.users.credentials import (
    check_backup_codes,
    check_locale,
    check_totp_secret,
    chosen_password,
)
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.resource import user_json
from clerk_fake.model.users.standing import LOCK_MS
from clerk_fake.model.users.uniqueness import (
    check_external_id_free,
    check_identifier_free,
    check_username_free,
)

__all__ = ["Proof", "UserDraft", "create_user"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a user has shown before they become one.

    Attributes:
        strategies: Identifier → the strategy by which it was verified, when not by an
            administrator.
        password: One that was checked already, instead of that of the draft.
    """

    strategies: Mapping[str, str] = field(default_factory=dict)
    password: Password | None = None


BY_ADMIN: Final = Proof()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDraft:
    """What ``POST /v1/users`` takes.

    The first identifier of each kind becomes the primary one. ``skip_password_requirement`` and
    ``skip_legal_checks`` are taken and change nothing: this fake requires neither.
    """

    external_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    email_address: tuple[str, ...] = ()
    email_address_identification_status: tuple[Literal["verified", "reserved"], ...] = ()
    phone_number: tuple[str, ...] = ()
    phone_number_identification_status: tuple[Literal["verified", "reserved"], ...] = ()
    web3_wallet: tuple[str, ...] = ()
    username: str | None = None
    password: str | None = None
    password_digest: str | None = None
    password_hasher: str | None = None
    skip_password_checks: bool = False
    skip_password_requirement: bool = False
    totp_secret: str | None = None
    backup_codes: tuple[str, ...] = ()
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    unsafe_metadata: JsonObject = field(default_factory=dict)
    delete_self_enabled: bool = True
    legal_accepted_at: Instant | None = None
    skip_legal_checks: bool = False
    skip_user_requirement: bool = False
    create_organization_enabled: bool = True
    create_organizations_limit: Annotated[int, Between(0)] | None = None
    created_at: Instant | None = None
    bypass_client_trust: bool = False
    banned: bool = False
    locked: bool = False
    skip_restriction_checks: bool = False


def create_user(
    instance: Instance,
    draft: UserDraft,
    origin: Origin,
    *,
    proof: Proof = BY_ADMIN,
) -> User:
    """Add a user and emit ``user.created``; invitations to their addresses count as accepted.

    Args:
        instance: Where to.
        draft: What the user should be.
        origin: Who asks.
        proof: What was shown before.

    Raises:
        ApiError: 422, with Clerk's code for what is missing, malformed or taken; 403, there are as
            many as the instance may have, or its restrictions keep this one out.
    """
    now = instance.clock.now_ms()
    if instance.limiter is not None:
        instance.limiter.check_room_for_user(len(instance.state.of(USERS)))
    _check_identified(draft)
    identifiers = (*draft.email_address, *draft.phone_number, *filter(None, (draft.username,)))
    password = proof.password or chosen_password(instance, draft, identifiers)
    emails = _held(instance, EMAIL_ADDRESSES, draft, proof)
    invitations = invitations_of(instance, emails.get("email_addresses", ()))
    public_metadata = metadata_of(invitations, draft.public_metadata)
    user = User(
        id=instance.ids.new("user"),
        created_at=now if draft.created_at is None else draft.created_at,
        updated_at=now,
        external_id=_external_id(instance, draft),
        username=_username(instance, draft),
        first_name=draft.first_name,
        last_name=draft.last_name,
        locale=check_locale(draft.locale),
        **emails,
        **_held(instance, PHONE_NUMBERS, draft, proof),
        **_held(instance, WEB3_WALLETS, draft, proof),
        public_metadata=check_metadata("public_metadata", public_metadata),
        private_metadata=check_metadata("private_metadata", draft.private_metadata),
        unsafe_metadata=check_metadata("unsafe_metadata", draft.unsafe_metadata),
        password=password,
        password_updated_at=now if password else None,
        totp_secret=check_totp_secret(draft.totp_secret),
        backup_codes=check_backup_codes(draft.backup_codes),
        mfa_enabled_at=None if draft.totp_secret is None else now,
        banned=draft.banned,
        locked_until=now + LOCK_MS if draft.locked else None,
        legal_accepted_at=draft.legal_accepted_at,
        delete_self_enabled=draft.delete_self_enabled,
        create_organization_enabled=draft.create_organization_enabled,
        create_organizations_limit=draft.create_organizations_limit,
        bypass_client_trust=draft.bypass_client_trust,
    )
    if not draft.skip_restriction_checks:
        check_admission(instance, user, invited={each.email_address for each in invitations})
    instance.state.of(USERS).put(user)
    instance.log.append(USER_CREATED, user_json(instance, user, now), origin, object_id=user.id)
    accept_invitations(instance, invitations, user.id, origin)
    enroll(instance, user, origin)
    return user


def _check_identified(draft: UserDraft) -> None:
    identified = draft.email_address or draft.phone_number or draft.web3_wallet or draft.username
    if not identified and not draft.skip_user_requirement:
        raise ApiError.of(
            422,
            "form_data_missing",
            "missing data",
            "A user needs at least one of email_address, phone_number, web3_wallet or username.",
            param_names=["email_address", "phone_number", "web3_wallet", "username"],
        )


def _held(
    instance: Instance, kind: IdentificationKind, draft: UserDraft, proof: Proof
) -> dict[str, Any]:
    """Return the fields of a user that hold the identifications of ``kind``."""
    texts = getattr(draft, kind.param)
    if not texts:
        return {}
    identifiers = [kind.check(text) for text in texts]
    if len(set(identifiers)) < len(identifiers):
        raise ApiError.identifier_exists(kind.param)
    standings = _standings(kind, draft, len(identifiers))
    for identifier, standing in zip(identifiers, standings, strict=True):
        check_identifier_free(instance, kind, identifier, standing)
    now = instance.clock.now_ms()
    held = tuple(
        kind.build(
            identifier,
            id=instance.ids.new("idn"),
            standing=standing,
            verified_by=proof.strategies.get(identifier, "admin"),
            created_at=now,
            updated_at=now,
        )
        for identifier, standing in zip(identifiers, standings, strict=True)
    )
    return {kind.held: held, kind.primary: held[0].id}


def _standings(kind: IdentificationKind, draft: UserDraft, count: int) -> Sequence[Standing]:
    chosen: tuple[str, ...] = getattr(draft, f"{kind.param}_identification_status", ())
    if not chosen:
        return [Standing.VERIFIED] * count
    if len(chosen) != count:
        raise ApiError.of(
            422,
            "form_param_array_length_mismatch",
            "length mismatch",
            f"{kind.param}_identification_status must contain exactly one item for each item "
            f"in {kind.param}.",
            param_name=f"{kind.param}_identification_status",
        )
    return [Standing(each) for each in chosen]


def _username(instance: Instance, draft: UserDraft) -> str | None:
    if not draft.username:
        return None
    check_username_free(instance, check_username(draft.username))
    return draft.username


def _external_id(instance: Instance, draft: UserDraft) -> str | None:
    if not draft.external_id:
        return None
    check_external_id_free(instance, draft.external_id)
    return draft.external_id
