"""``/v1/instance/communication``: the countries that get no SMS."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject, Length
from clerk_fake.model.settings.countries import COUNTRIES
from clerk_fake.model.settings.entity import CommunicationSettings, change_settings, settings_of
from clerk_fake.model.unset import UNSET, Unset

__all__ = ["CommunicationChange", "change_communication", "communication_resource"]

CODE: Final = re.compile(r"[A-Z]{2}")
MOST_COUNTRIES: Final = 250


@dataclass(frozen=True, slots=True)
class CommunicationChange:
    """What ``PATCH /v1/instance/communication`` takes."""

    blocked_country_codes: Annotated[tuple[str, ...], Length(0, MOST_COUNTRIES)] | Unset = UNSET


def change_communication(instance: Instance, change: CommunicationChange) -> None:
    """Replace the list of blocked countries; codes of no country are dropped silently.

    Raises:
        ApiError: 422, a code is not of two capital letters, or is there twice.
    """
    codes = change.blocked_country_codes
    if isinstance(codes, Unset):
        return
    if not all(CODE.fullmatch(code) for code in codes):
        raise ApiError.bad_format(
            "blocked_country_codes", "ISO 3166-1 alpha-2 codes in capital letters"
        )
    if len(set(codes)) < len(codes):
        raise ApiError.duplicate_values("blocked_country_codes")
    known = tuple(code for code in codes if code in COUNTRIES)
    change_settings(instance, communication=CommunicationSettings(known))


def communication_resource(instance: Instance) -> JsonObject:
    """Return the settings as Clerk writes them."""
    codes = settings_of(instance).communication.blocked_country_codes
    return {"object": "instance_communication", "blocked_country_codes": list(codes)}
