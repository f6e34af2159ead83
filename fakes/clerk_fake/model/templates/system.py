"""The templates that every instance has; their words are this fake's, their slugs are Clerk's."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["SYSTEM_TEMPLATES", "SystemTemplate", "TemplateType", "system_template"]


class TemplateType(StrEnum):
    """What a template is for."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class SystemTemplate:
    """A template as it is before anybody changes it.

    Attributes:
        subject: Of an e-mail; ``None`` for text messages.
        body: HTML for e-mails, else plain text.
        variables: What is there besides ``app``.
        required: What a changed body must mention.
        notification: Whether the message only tells of something, so that it can be switched off.
    """

    type: TemplateType
    slug: str
    name: str
    body: str
    subject: str | None = None
    variables: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    notification: bool = False


def _email(
    slug: str, name: str, subject: str, body: str, *variables: str, required: tuple[str, ...] = ()
) -> SystemTemplate:
    paragraphs = "".join(f"<p>{line}</p>\n" for line in body.split("\n"))
    return SystemTemplate(
        TemplateType.EMAIL,
        slug,
        name,
        f"{{{{> app_logo}}}}\n{paragraphs}{{{{> copyright}}}}\n",
        subject,
        (*required, *variables),
        required,
    )


def _sms(
    slug: str, name: str, body: str, *variables: str, required: tuple[str, ...] = ()
) -> SystemTemplate:
    return SystemTemplate(
        TemplateType.SMS,
        slug,
        name,
        body,
        variables=(*required, *variables),
        required=required,
        notification=not required,
    )


CODE: Final = ("otp_code",)
LINK: Final = ("action_url",)
BUTTON: Final = '<a href="{{action_url}}">'

SYSTEM_TEMPLATES: Final = (
    _email(
        "verification_code",
        "Verification code",
        "{{otp_code}} is your verification code",
        "{{otp_code}} is your verification code for {{app.name}}.\nDo not share it with anyone.",
        "requested_by",
        "requested_at",
        required=CODE,
    ),
    _email(
        "reset_password_code",
        "Reset password code",
        "{{otp_code}} is your code to set a new password",
        "Set a new password for {{app.name}} with the code {{otp_code}}.",
        "requested_by",
        "requested_at",
        required=CODE,
    ),
    _email(
        "magic_link_sign_in",
        "Email link for sign-in",
        "Sign in to {{app.name}}",
        f"{BUTTON}Sign in to {{{{app.name}}}}</a>",
        "ttl_minutes",
        required=LINK,
    ),
    _email(
        "magic_link_sign_up",
        "Email link for sign-up",
        "Sign up to {{app.name}}",
        f"{BUTTON}Sign up to {{{{app.name}}}}</a>",
        "ttl_minutes",
        required=LINK,
    ),
    _email(
        "magic_link_user_profile",
        "Email link for a new address",
        "Verify your email address for {{app.name}}",
        f"{BUTTON}Verify this address</a>",
        "ttl_minutes",
        required=LINK,
    ),
    _email(
        "invitation",
        "Invitation",
        "You were invited to {{app.name}}",
        "{{#if inviter.name}}{{inviter.name}} invites you{{else}}You were invited{{/if}} to "
        f"{{{{app.name}}}}.\n{BUTTON}Accept the invitation</a>\n"
        "It is good for {{invitation.expires_in_days}} days.",
        "inviter.name",
        "invitation.expires_in_days",
        "invitation.public_metadata",
        required=LINK,
    ),
    _email(
        "organization_invitation",
        "Organization invitation",
        "You were invited to join {{org.name}}",
        "{{#if inviter.name}}{{inviter.name}} invites you{{else}}You were invited{{/if}} to join "
        f"{{{{org.name}}}} on {{{{app.name}}}}.\n{BUTTON}Accept the invitation</a>",
        "inviter.name",
        "org.name",
        "invitation.expires_in_days",
        "invitation.public_metadata",
        required=LINK,
    ),
    _email(
        "organization_invitation_accepted",
        "Organization invitation accepted",
        "{{email_address}} joined {{org.name}}",
        "{{email_address}} accepted your invitation to {{org.name}}.",
        "email_address",
        "org.name",
    ),
    _email(
        "organization_membership_requested",
        "Organization membership requested",
        "{{email_address}} would like to join {{org.name}}",
        "{{email_address}} asks for a membership of {{org.name}}.",
        "email_address",
        "org.name",
    ),
    _email(
        "affiliation_code",
        "Organization domain verification code",
        "{{otp_code}} verifies the domain of {{org.name}}",
        "{{otp_code}} is the code with which {{org.name}} verifies its domain.",
        "org.name",
        required=CODE,
    ),
    _email(
        "waitlist_confirmation",
        "Waitlist confirmation",
        "You are on the waitlist of {{app.name}}",
        "Thank you for your interest in {{app.name}}. You will hear from us.",
    ),
    _email(
        "waitlist_invitation",
        "Waitlist invitation",
        "You can join {{app.name}} now",
        f"Your turn has come.\n{BUTTON}Accept the invitation</a>",
        "invitation.expires_in_days",
        "invitation.public_metadata",
        required=LINK,
    ),
    _email(
        "primary_email_address_changed",
        "Primary email address changed",
        "Your primary email address has been changed",
        "The primary email address of your account at {{app.name}} has been changed"
        "{{#if new_email_address}} to {{new_email_address}}{{/if}}.",
        "new_email_address",
    ),
    _email(
        "password_changed",
        "Password changed",
        "Your password has been changed",
        "The password of your account at {{app.name}} has been changed.",
        "greeting_name",
    ),
    _email(
        "password_removed",
        "Password removed",
        "Your password has been removed",
        "The password of your account at {{app.name}} has been removed.",
        "greeting_name",
    ),
    _email(
        "passkey_added",
        "Passkey added",
        "A passkey was added to your account",
        "A passkey{{#if passkey_name}} ({{passkey_name}}){{/if}} was added to your account at "
        "{{app.name}}.",
        "passkey_name",
    ),
    _email(
        "passkey_removed",
        "Passkey removed",
        "A passkey was removed from your account",
        "A passkey{{#if passkey_name}} ({{passkey_name}}){{/if}} was removed from your account at "
        "{{app.name}}.",
        "passkey_name",
    ),
    _email(
        "new_device_sign_in",
        "Sign-in from a new device",
        "Somebody signed in to your account",
        "Somebody signed in to your account at {{app.name}} from a device that is new to us.",
        "device_type",
        "browser_name",
        "location",
        "signed_in_at",
    ),
    _email(
        "account_locked",
        "Account locked",
        "Your account has been locked",
        "There were too many attempts to sign in to your account at {{app.name}}.",
        "lockout_duration",
    ),
    _sms(
        "verification_code",
        "Verification code",
        "{{otp_code}} is your verification code for {{app.name}}. Do not share it with anyone.",
        required=CODE,
    ),
    _sms(
        "reset_password_code",
        "Reset password code",
        "{{otp_code}} is your code to set a new password for {{app.name}}.",
        required=CODE,
    ),
    _sms("invitation", "Invitation", "You were invited to {{app.name}}: {{app.url}}", "app.url"),
    _sms(
        "password_changed",
        "Password changed",
        "The password of your account at {{app.name}} has been changed.",
    ),
    _sms(
        "password_removed",
        "Password removed",
        "The password of your account at {{app.name}} has been removed.",
    ),
    _sms(
        "passkey_added",
        "Passkey added",
        "A passkey was added to your account at {{app.name}}.",
    ),
    _sms(
        "passkey_removed",
        "Passkey removed",
        "A passkey was removed from your account at {{app.name}}.",
    ),
)
"""All of them in the order in which they are listed."""


def system_template(template_type: TemplateType, slug: str) -> SystemTemplate | None:
    """Return the template with this slug, if there is one."""
    for template in SYSTEM_TEMPLATES:
        if (template.type, template.slug) == (template_type, slug):
            return template
    return None
