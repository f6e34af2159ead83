"""What a user proves themselves with, as it comes in: passwords, their digests, TOTP secrets."""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final, Protocol

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.passwords.entity import Password, digest_password, import_password
from clerk_fake.model.passwords.rules import check_password
from clerk_fake.model.settings.entity import settings_of

__all__ = [
    "check_backup_codes",
    "check_locale",
    "check_totp_secret",
    "chosen_password",
    "new_password",
]

MOST_BACKUP_CODES: Final = 100
LONGEST_BACKUP_CODE: Final = 100
LOCALE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}", re.ASCII)


class PasswordForm(Protocol):
    """A form with a password, or a digest of one."""

    @property
    def password(self) -> str | None:
        """As it was typed."""

    @property
    def password_digest(self) -> str | None:
        """From another system."""

    @property
    def password_hasher(self) -> str | None:
        """How that system made it."""

    @property
    def skip_password_checks(self) -> bool:
        """Whether any password will do."""


def chosen_password(
    instance: Instance, form: PasswordForm, identifiers: Iterable[str]
) -> Password | None:
    """Return the password of a form, ``None`` when it names none.

    Raises:
        ApiError: 422, it breaks the rules, is a malformed digest, or is there in both forms.
    """
    if form.password_digest is None and form.password_hasher is not None:
        raise ApiError.needed_with("password_digest", "password_hasher")
    if form.password_digest is not None:
        if form.password is not None:
            raise ApiError.not_allowed_with("password_digest", "password")
        if form.password_hasher is None:
            raise ApiError.needed_with("password_hasher", "password_digest")
        return import_password(form.password_hasher, form.password_digest)
    if form.password is None:
        return None
    if form.skip_password_checks:
        return digest_password(form.password)
    return new_password(instance, form.password, identifiers)


def new_password(instance: Instance, password: str, identifiers: Iterable[str]) -> Password:
    """Return the digest of a password that keeps the rules.

    Raises:
        ApiError: 422, it breaks one.
    """
    pwned_too = settings_of(instance).general.hibp
    check_password(password, pwned_too=pwned_too, identifiers=identifiers)
    return digest_password(password)


def check_totp_secret(secret: str | None) -> str | None:
    """Return the secret of an authenticator app in the form in which it is kept.

    Raises:
        ApiError: 422, it is not written in base32.
    """
    if secret is None:
        return None
    normal = re.sub(r"[\s=-]", "", secret).upper()
    try:
        decoded = base64.b32decode(normal + "=" * (-len(normal) % 8))
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise ApiError.of(
            422,
            "invalid_totp_secret_code",
            "invalid TOTP secret",
            "The TOTP secret is invalid, please provide a valid one base32 encoded",
            param_name="totp_secret",
        )
    return normal


def check_backup_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes.

    Raises:
        ApiError: 422, there are too many, or one is empty, too long, or there twice.
    """
    if len(codes) > MOST_BACKUP_CODES:
        raise ApiError.bad_value("backup_codes", f"at most {MOST_BACKUP_CODES} codes")
    if not all(0 < len(code) <= LONGEST_BACKUP_CODE for code in codes):
        raise ApiError.bad_value("backup_codes", f"codes of 1 to {LONGEST_BACKUP_CODE} characters")
    if len(set(codes)) < len(codes):
        raise ApiError.duplicate_values("backup_codes")
    return codes


def check_locale(locale: str | None) -> str | None:
    """Return the locale.

    Raises:
        ApiError: 422, it is no language tag.
    """
    if locale and not LOCALE.fullmatch(locale):
        raise ApiError.bad_format("locale", "a valid BCP-47 language tag")
    return locale
