"""The e-mails and text messages of an instance: kept to be read by tests, and told as events."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any, Final, TypeVar, cast

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind, Telling
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.templates.entity import find_template
from clerk_fake.model.templates.letters import plain_text, written
from clerk_fake.model.templates.system import TemplateType
from clerk_fake.state import Entity, Noun

__all__ = [
    "EMAILS",
    "SMS_MESSAGES",
    "Email",
    "SmsMessage",
    "empty_mailbox",
    "letters",
    "send_email",
    "send_sms",
]

E = TypeVar("E", bound=Entity)

KEPT: Final = 10_000
"""So many messages of each kind are kept; older ones are forgotten."""

FROM_PHONE_NUMBER: Final = "+15555550100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An e-mail. Names are those of ``email.created``.

    Attributes:
        id: ``ema_…``; set by ``send_email``.
        created_at: ms; set by ``send_email``.
        slug: Of its template, e.g. ``verification_code``.
        data: What its template is given, e.g. ``otp_code``.

    The template says the rest, from ``subject`` to ``delivered_by_clerk``.
    """

    id: str = ""
    created_at: int = 0
    slug: str
    to_email_address: str
    email_address_id: str | None = None
    user_id: str | None = None
    data: JsonObject = field(default_factory=dict)
    subject: str = ""
    body: str = ""
    body_plain: str = ""
    from_email_name: str = ""
    reply_to_email_name: str | None = None
    delivered_by_clerk: bool = True

    @property
    def recipient(self) -> str:
        """Where it went."""
        return self.to_email_address


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsMessage:
    """A text message. Names are those of ``sms.created``; attributes as in ``Email``."""

    id: str = ""
    created_at: int = 0
    slug: str
    to_phone_number: str
    phone_number_id: str | None = None
    user_id: str | None = None
    data: JsonObject = field(default_factory=dict)
    message: str = ""
    delivered_by_clerk: bool = True

    @property
    def recipient(self) -> str:
        """Where it went."""
        return self.to_phone_number


def _email_resource(_instance: Instance, email: Email) -> JsonObject:
    return {
        "object": "email",
        "id": email.id,
        "slug": email.slug,
        "from_email_name": email.from_email_name,
        "reply_to_email_name": email.reply_to_email_name,
        "to_email_address": email.to_email_address,
        "email_address_id": email.email_address_id,
        "user_id": email.user_id,
        "subject": email.subject,
        "body": email.body,
        "body_plain": email.body_plain,
        "status": "queued",
        "data": email.data,
        "delivered_by_clerk": email.delivered_by_clerk,
    }


def _sms_resource(_instance: Instance, sms: SmsMessage) -> JsonObject:
    return {
        "object": "sms_message",
        "id": sms.id,
        "slug": sms.slug,
        "from_phone_number": FROM_PHONE_NUMBER,
        "to_phone_number": sms.to_phone_number,
        "phone_number_id": sms.phone_number_id,
        "user_id": sms.user_id,
        "message": sms.message,
        "status": "queued",
        "data": sms.data,
        "delivered_by_clerk": sms.delivered_by_clerk,
        "created_at_ms": sms.created_at,
    }


EMAILS: Final = Kind(
    Noun("emails", Email),
    what="email",
    prefix="ema",
    wire_name="email",
    resource=_email_resource,
    telling=Telling(created="email.created"),
)
SMS_MESSAGES: Final = Kind(
    Noun("sms_messages", SmsMessage),
    what="SMS message",
    prefix="sms",
    wire_name="sms_message",
    resource=_sms_resource,
    telling=Telling(created="sms.created"),
)


def send_email(instance: Instance, email: Email, origin: Origin) -> Email:
    """Write an e-mail with its template, put it into the mailbox and emit ``email.created``."""
    template = find_template(instance, TemplateType.EMAIL, email.slug)
    letter = written(instance, template, email.data)
    usual = settings_of(instance).general.from_email_address
    full = replace(
        email,
        subject=letter.subject,
        body=letter.body,
        body_plain=plain_text(letter.body),
        from_email_name=template.from_email_name or usual,
        reply_to_email_name=template.reply_to_email_name,
        delivered_by_clerk=template.delivered_by_clerk,
    )
    return _send(instance, EMAILS, full, origin)


def send_sms(instance: Instance, sms: SmsMessage, origin: Origin) -> SmsMessage:
    """Write a text message with its template, put it into the mailbox, emit ``sms.created``."""
    template = find_template(instance, TemplateType.SMS, sms.slug)
    letter = written(instance, template, sms.data)
    full = replace(sms, message=letter.body, delivered_by_clerk=template.delivered_by_clerk)
    return _send(instance, SMS_MESSAGES, full, origin)


def letters(
    instance: Instance, *, to: str | None = None, slug: str | None = None
) -> Iterator[JsonObject]:
    """Yield what is in the mailbox as its events say it, and ``created_at``, the newest first.

    Args:
        instance: Whose mailbox.
        to: Only what went to this address or number.
        slug: Only messages of this kind.
    """
    emails: Iterator[Email | SmsMessage] = EMAILS.table(instance).newest_first()
    sent = merge(
        emails,
        SMS_MESSAGES.table(instance).newest_first(),
        key=lambda message: message.created_at,
        reverse=True,
    )
    for message in sent:
        if to in (None, message.recipient) and slug in (None, message.slug):
            kind: Kind[Any] = EMAILS if isinstance(message, Email) else SMS_MESSAGES
            yield kind.resource(instance, message) | {"created_at": message.created_at}


def empty_mailbox(instance: Instance) -> None:
    """Throw everything away; nobody is told."""
    kinds: tuple[Kind[Any], ...] = (EMAILS, SMS_MESSAGES)
    for kind in kinds:
        table = kind.table(instance)
        for message in list(table.oldest_first()):
            table.remove(message)


def _send(instance: Instance, kind: Kind[E], message: E, origin: Origin) -> E:
    stamped: E = replace(
        cast("Any", message), id=kind.new_id(instance), created_at=instance.clock.now_ms()
    )
    sent = kind.add(instance, stamped, origin)
    table = kind.table(instance)
    while len(table) > KEPT:
        table.remove(next(table.oldest_first()))
    return sent
