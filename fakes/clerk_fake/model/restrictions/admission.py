"""Whether somebody may become a user, and whether a user may have an address or a number.

Clerk applies the restrictions of an instance to everybody who is created, also over the Backend
API unless it is told to skip them; addresses and numbers that are added to a user only have to
arrive in a mailbox of their own, not be thrown away, and be of a country that is not blocked.
The allow-list comes first: who is on it is in, whatever the block-list says. So is who was invited.
"""

from collections.abc import Collection, Iterable

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.restrictions.disposable import DISPOSABLE_DOMAINS
from clerk_fake.model.restrictions.lists import ALLOWLIST, BLOCKLIST
from clerk_fake.model.restrictions.subaddresses import (
    mailbox_of,
    without_gmail_dots,
    without_subaddress,
)
from clerk_fake.model.settings.countries import countries_of
from clerk_fake.model.settings.entity import RestrictionSettings, settings_of
from clerk_fake.model.users.entity import USERS, User

__all__ = ["check_addable", "check_admission", "check_identifiers"]


def check_admission(instance: Instance, user: User, *, invited: Collection[str]) -> None:
    """Refuse a new user, who is not kept yet, if the instance's restrictions do.

    Args:
        instance: Whose restrictions.
        user: Who wants to come in.
        invited: Their addresses to which they were invited.

    Raises:
        ApiError: 403 ``not_allowed_access``.
    """
    check_identifiers(instance, _identifiers(user), invited=invited)


def check_identifiers(
    instance: Instance, identifiers: Collection[str], *, invited: Collection[str]
) -> None:
    """Refuse who says that they have these identifiers, if the instance's restrictions do.

    Raises:
        ApiError: 403 ``not_allowed_access``.
    """
    restrictions = settings_of(instance).restrictions
    if restrictions.allowlist or restrictions.blocklist:
        _check_lists(instance, restrictions, identifiers, invited)
    check_addable(instance, identifiers)


def check_addable(
    instance: Instance, identifiers: Iterable[str], *, ignoring: str | None = None
) -> None:
    """Refuse addresses and numbers, in the form in which they are kept, that nobody may have.

    Args:
        instance: Whose restrictions.
        identifiers: E-mail addresses, phone numbers, wallets.
        ignoring: Id of the user whose own other addresses do not matter.

    Raises:
        ApiError: 403 ``not_allowed_access``.
    """
    for identifier in identifiers:
        if "@" in identifier:
            _check_address(instance, identifier, ignoring)
        elif identifier.startswith("+"):
            _check_number(instance, identifier)


def _identifiers(user: User) -> list[str]:
    return [
        *(email.email_address for email in user.email_addresses),
        *(phone.phone_number for phone in user.phone_numbers),
        *(wallet.web3_wallet for wallet in user.web3_wallets),
    ]


def _check_lists(
    instance: Instance,
    restrictions: RestrictionSettings,
    identifiers: Collection[str],
    invited: Collection[str],
) -> None:
    allowed = set(invited)
    if restrictions.allowlist:
        listed = [each.listed for each in ALLOWLIST.table(instance).oldest_first()]
        allowed |= {each for each in identifiers if any(entry.means(each) for entry in listed)}
        others = [each for each in identifiers if each not in allowed]
        if others or not identifiers:
            raise _not_allowed(others)
    if restrictions.blocklist:
        blocked = [each.listed for each in BLOCKLIST.table(instance).oldest_first()]
        unwanted = [
            each
            for each in identifiers
            if each not in allowed and any(entry.means_subaddress(each) for entry in blocked)
        ]
        if unwanted:
            raise _not_allowed(unwanted)


def _check_address(instance: Instance, address: str, ignoring: str | None) -> None:
    restrictions = settings_of(instance).restrictions
    if restrictions.block_disposable_email_domains:
        domain = address.partition("@")[2]
        if domain in DISPOSABLE_DOMAINS or domain in restrictions.disposable_domains:
            raise _not_allowed([address])
    if restrictions.block_email_subaddresses or restrictions.ignore_dots_for_gmail_addresses:
        _check_mailbox(instance, address, restrictions, ignoring)


def _check_mailbox(
    instance: Instance, address: str, restrictions: RestrictionSettings, ignoring: str | None
) -> None:
    """Refuse an address whose mailbox another user has under another name."""

    def mailbox(text: str) -> str:
        return without_gmail_dots(
            without_subaddress(text) if restrictions.block_email_subaddresses else text
        )

    users, box = instance.state.of(USERS), mailbox_of(address)
    for user in (*users.find("email_address", box), *users.find("mailbox", box)):
        if user.id != ignoring and any(
            email.claimed and mailbox(email.email_address) == mailbox(address)
            for email in user.email_addresses
        ):
            raise ApiError.of(
                403,
                "not_allowed_access",
                "This email address is already in use.",
                "This email address is already in use. Creating multiple accounts with the same "
                "email address is not allowed.",
                param_name="email_address",
            )


def _check_number(instance: Instance, number: str) -> None:
    blocked = settings_of(instance).communication.blocked_country_codes
    if not blocked:
        return
    countries = countries_of(number)
    if countries and countries <= set(blocked):
        raise ApiError.of(
            403,
            "not_allowed_access",
            "Country code not allowed.",
            "Phone number sign ups are not allowed for this country code. "
            "Please use a different method.",
            param_name="phone_number",
        )


def _not_allowed(identifiers: Collection[str]) -> ApiError:
    who = ", ".join(identifiers) or "Users without an identifier on the allowlist"
    verb = "is" if len(identifiers) == 1 else "are"
    return ApiError.of(
        403,
        "not_allowed_access",
        "Access not allowed.",
        f"{who} {verb} not allowed to access this application.",
        identifiers=list(identifiers),
    )
