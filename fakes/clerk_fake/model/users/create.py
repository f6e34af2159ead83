"""Create a user."""

from dataclasses import dataclass, field

from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import USER_CREATED
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications import (
    EmailAddress,
    PhoneNumber,
    Standing,
    check_email_address,
    check_phone_number,
    check_username,
)
from clerk_fake.model.invitations.acceptance import (
    accept_invitations,
    invitations_of,
    metadata_of,
)
from clerk_fake.model.metadata import check_metadata
from clerk_fake.model.passwords import Password, check_password, digest_password
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.resource import user_json
from clerk_fake.model.users.standing import LOCK_MS
from clerk_fake.model.users.uniqueness import (
    check_email_address_free,
    check_external_id_free,
    check_phone_number_free,
    check_username_free,
)

__all__ = ["UserDraft", "create_user"]


@dataclass(frozen=True, slots=True)
class UserDraft:
    """What a new user should be; names are those of ``POST /v1/users``.

    Attributes:
        email_addresses: Address and standing each; the first becomes the primary one.
        phone_numbers: Number and standing each; the first becomes the primary one.
        imported_password: A digest instead of a password.
    """

    external_id: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    email_addresses: tuple[tuple[str, Standing], ...] = ()
    phone_numbers: tuple[tuple[str, Standing], ...] = ()
    password: str | None = None
    imported_password: Password | None = None
    skip_password_checks: bool = False
    skip_user_requirement: bool = False
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    unsafe_metadata: JsonObject = field(default_factory=dict)
    created_at: int | None = None
    legal_accepted_at: int | None = None
    delete_self_enabled: bool = True
    create_organization_enabled: bool = True
    create_organizations_limit: int | None = None
    bypass_client_trust: bool = False
    banned: bool = False
    locked: bool = False


def create_user(instance: Instance, draft: UserDraft, origin: Origin) -> User:
    """Add a user and emit ``user.created``; invitations to their addresses count as accepted.

    Raises:
        ApiError: 422, with Clerk's code for what is missing, malformed or taken; 403, there are as
            many as the instance may have.
    """
    now = instance.clock.now_ms()
    if instance.limiter is not None:
        instance.limiter.check_room_for_user(len(instance.state.of(USERS)))
    _check_identified(draft)
    emails = _email_addresses(instance, draft, now)
    phones = _phone_numbers(instance, draft, now)
    password = _password(draft)
    invitations = invitations_of(instance, emails)
    public_metadata = metadata_of(invitations, draft.public_metadata)
    user = User(
        id=instance.ids.new("user"),
        created_at=now if draft.created_at is None else draft.created_at,
        updated_at=now,
        external_id=_external_id(instance, draft),
        username=_username(instance, draft),
        first_name=draft.first_name,
        last_name=draft.last_name,
        locale=draft.locale,
        email_addresses=emails,
        phone_numbers=phones,
        primary_email_address_id=emails[0].id if emails else None,
        primary_phone_number_id=phones[0].id if phones else None,
        public_metadata=check_metadata("public_metadata", public_metadata),
        private_metadata=check_metadata("private_metadata", draft.private_metadata),
        unsafe_metadata=check_metadata("unsafe_metadata", draft.unsafe_metadata),
        password=password,
        password_updated_at=now if password else None,
        banned=draft.banned,
        locked_until=now + LOCK_MS if draft.locked else None,
        legal_accepted_at=draft.legal_accepted_at,
        delete_self_enabled=draft.delete_self_enabled,
        create_organization_enabled=draft.create_organization_enabled,
        create_organizations_limit=draft.create_organizations_limit,
        bypass_client_trust=draft.bypass_client_trust,
    )
    instance.state.of(USERS).put(user)
    instance.log.append(USER_CREATED, user_json(instance, user, now), origin, object_id=user.id)
    accept_invitations(instance, invitations, user.id, origin)
    return user


def _check_identified(draft: UserDraft) -> None:
    identified = draft.email_addresses or draft.phone_numbers or draft.username
    if not identified and not draft.skip_user_requirement:
        raise ApiError.of(
            422,
            "form_data_missing",
            "missing data",
            "A user needs at least one of email_address, phone_number or username.",
            param_names=["email_address", "phone_number", "username"],
        )


def _email_addresses(instance: Instance, draft: UserDraft, now: int) -> tuple[EmailAddress, ...]:
    wanted = {check_email_address(text): standing for text, standing in draft.email_addresses}
    if len(wanted) < len(draft.email_addresses):
        raise ApiError.identifier_exists("email_address")
    for address, standing in wanted.items():
        check_email_address_free(instance, address, standing)
    return tuple(
        EmailAddress(instance.ids.new("idn"), address, standing, now, now)
        for address, standing in wanted.items()
    )


def _phone_numbers(instance: Instance, draft: UserDraft, now: int) -> tuple[PhoneNumber, ...]:
    wanted = {check_phone_number(text): standing for text, standing in draft.phone_numbers}
    if len(wanted) < len(draft.phone_numbers):
        raise ApiError.identifier_exists("phone_number")
    for number, standing in wanted.items():
        check_phone_number_free(instance, number, standing)
    return tuple(
        PhoneNumber(instance.ids.new("idn"), number, standing, now, now)
        for number, standing in wanted.items()
    )


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


def _password(draft: UserDraft) -> Password | None:
    if draft.password is None:
        return draft.imported_password
    if not draft.skip_password_checks:
        check_password(draft.password)
    return digest_password(draft.password)
