"""Domains of mailboxes that are thrown away.

Clerk knows thousands of them; here are a few that everybody knows. The control plane adds others:
``restrictions.disposable_domains`` of the instance's settings.
"""

from typing import Final

__all__ = ["DISPOSABLE_DOMAINS"]

DISPOSABLE_DOMAINS: Final = frozenset(
    {
        "10minutemail.com",
        "dispostable.com",
        "fakeinbox.com",
        "getnada.com",
        "guerrillamail.com",
        "maildrop.cc",
        "mailinator.com",
        "mailnesia.com",
        "moakt.com",
        "sharklasers.com",
        "temp-mail.org",
        "tempmail.com",
        "throwawaymail.com",
        "trashmail.com",
        "yopmail.com",
    }
)
