"""Which domains an organization may have."""

import re
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["check_domain_name"]

LONGEST: Final = 253
NAME: Final = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

COMMON: Final = frozenset(
    """
    163.com aol.com gmail.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com
    mail.com mail.ru me.com msn.com outlook.com proton.me protonmail.com qq.com web.de yahoo.com
    yandex.ru ymail.com zoho.com
    """.split()  # noqa: SIM905 - a list of words, not of quotation marks
)
"""Where everybody can have an address."""

DISPOSABLE: Final = frozenset(
    """
    10minutemail.com guerrillamail.com mailinator.com sharklasers.com temp-mail.org tempmail.com
    trashmail.com yopmail.com
    """.split()  # noqa: SIM905 - the same
)
"""Where addresses live for minutes."""


def check_domain_name(text: str) -> str:
    """Return the domain in the form in which it is kept.

    Raises:
        ApiError: 422, it is no domain, or one where everybody can have an address.
    """
    name = text.strip().lower()
    if len(name) > LONGEST or not NAME.fullmatch(name):
        raise ApiError.bad_format("name", "a domain, e.g. example.com")
    if name in COMMON:
        raise ApiError.of(
            422,
            "organization_domain_common",
            "common email domain",
            "This is a common email provider domain. Please use a different one.",
            param_name="name",
        )
    if name in DISPOSABLE:
        raise ApiError.of(
            422,
            "organization_domain_blocked",
            "blocked email domain",
            "This is a blocked email provider domain. Please use a different one.",
            param_name="name",
        )
    return name
