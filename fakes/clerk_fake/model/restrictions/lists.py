"""The allow-list and the block-list."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.invitations.commands import InvitationDraft, create_invitation
from clerk_fake.model.mailbox import SmsMessage, send_sms
from clerk_fake.model.records import Kind
from clerk_fake.model.restrictions.identifiers import (
    IdentifierType,
    ListedIdentifier,
    read_identifier,
)
from clerk_fake.state import Noun

__all__ = [
    "ALLOWLIST",
    "BLOCKLIST",
    "AllowlistDraft",
    "AllowlistIdentifier",
    "BlocklistDraft",
    "BlocklistIdentifier",
    "allow_identifier",
    "block_identifier",
]


@dataclass(frozen=True, slots=True)
class AllowlistIdentifier:
    """Somebody who may sign up; it never changes. Times are Unix ms.

    Attributes:
        invitation_id: Of the invitation that they were sent.
    """

    id: str
    identifier: str
    identifier_type: IdentifierType
    created_at: int
    updated_at: int
    invitation_id: str | None = None

    @property
    def listed(self) -> ListedIdentifier:
        """Whom it means."""
        return ListedIdentifier(self.identifier, self.identifier_type)


@dataclass(frozen=True, slots=True)
class BlocklistIdentifier:
    """Somebody who may not sign up; it never changes. Times are Unix ms."""

    id: str
    identifier: str
    identifier_type: IdentifierType
    created_at: int
    updated_at: int

    @property
    def listed(self) -> ListedIdentifier:
        """Whom it means."""
        return ListedIdentifier(self.identifier, self.identifier_type)


@dataclass(frozen=True, slots=True)
class AllowlistDraft:
    """What ``POST /v1/allowlist_identifiers`` takes."""

    identifier: str
    notify: bool = False


@dataclass(frozen=True, slots=True)
class BlocklistDraft:
    """What ``POST /v1/blocklist_identifiers`` takes."""

    identifier: str


def _resource(
    instance: Instance, listed: AllowlistIdentifier | BlocklistIdentifier, object_type: str
) -> JsonObject:
    return {
        "object": object_type,
        "id": listed.id,
        "identifier": listed.identifier,
        "identifier_type": listed.identifier_type,
        "instance_id": instance.id,
        "created_at": listed.created_at,
        "updated_at": listed.updated_at,
    }


def _allowed_resource(instance: Instance, allowed: AllowlistIdentifier) -> JsonObject:
    invited = {} if allowed.invitation_id is None else {"invitation_id": allowed.invitation_id}
    return _resource(instance, allowed, "allowlist_identifier") | invited


ALLOWLIST: Final = Kind(
    Noun("allowlist_identifiers", AllowlistIdentifier, {"identifier": lambda e: (e.identifier,)}),
    what="identifier",
    prefix="alid",
    wire_name="allowlist_identifier",
    resource=_allowed_resource,
)
BLOCKLIST: Final = Kind(
    Noun("blocklist_identifiers", BlocklistIdentifier, {"identifier": lambda e: (e.identifier,)}),
    what="identifier",
    prefix="blid",
    wire_name="blocklist_identifier",
    resource=lambda instance, blocked: _resource(instance, blocked, "blocklist_identifier"),
)


def allow_identifier(
    instance: Instance, draft: AllowlistDraft, origin: Origin
) -> AllowlistIdentifier:
    """Put an identifier on the allow-list, and invite who has it, by e-mail or SMS, if asked to.

    Raises:
        ApiError: 422, it is no identifier; 400, it is on the list already.
    """
    listed = read_identifier(draft.identifier)
    if ALLOWLIST.table(instance).find("identifier", listed.text):
        raise _duplicate("allowlist", listed.text)
    invitation_id = None
    if draft.notify and listed.personal and listed.type is IdentifierType.EMAIL_ADDRESS:
        invited = InvitationDraft(email_address=listed.text, ignore_existing=True)
        invitation_id = create_invitation(instance, invited, origin).id
    elif draft.notify and listed.type is IdentifierType.PHONE_NUMBER:
        sms = SmsMessage(slug="invitation", to_phone_number=listed.text)
        send_sms(instance, sms, origin)
    now = instance.clock.now_ms()
    allowed = AllowlistIdentifier(
        ALLOWLIST.new_id(instance), listed.text, listed.type, now, now, invitation_id
    )
    return ALLOWLIST.add(instance, allowed, origin)


def block_identifier(
    instance: Instance, draft: BlocklistDraft, origin: Origin
) -> BlocklistIdentifier:
    """Put an identifier on the block-list.

    Raises:
        ApiError: 422, it is no identifier; 400, it is on the list already.
    """
    listed = read_identifier(draft.identifier)
    if BLOCKLIST.table(instance).find("identifier", listed.text):
        raise _duplicate("blocklist", listed.text)
    now = instance.clock.now_ms()
    blocked = BlocklistIdentifier(BLOCKLIST.new_id(instance), listed.text, listed.type, now, now)
    return BLOCKLIST.add(instance, blocked, origin)


def _duplicate(which: str, identifier: str) -> ApiError:
    return ApiError.of(
        400,
        "duplicate_record",
        f"duplicate {which} identifier",
        f"the identifier {identifier} already exists",
    )
