"""Which users a query asks for."""

import dataclasses
from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.http.query import Query
from clerk_fake.model.users.filters import EVERYBODY, UserFilter

__all__ = ["read_filter"]

MAX_TIME_MS: Final = 2**53
FILTERS: Final = frozenset(field.name for field in dataclasses.fields(UserFilter))
"""Parameters that filter; they have the names of the filter's fields."""

TEXTS: Final = (
    "query",
    "email_address_query",
    "phone_number_query",
    "username_query",
    "name_query",
    "provider",
)
LISTS: Final = (
    "email_address",
    "phone_number",
    "external_id",
    "username",
    "web3_wallet",
    "user_id",
    "organization_id",
    "provider_user_id",
)
TIMES: Final = tuple(sorted(name for name in FILTERS if "_at_" in name))


def read_filter(query: Query) -> UserFilter:
    """Read the filters of ``GET /v1/users`` and ``GET /v1/users/count``.

    Raises:
        ApiError: 422, one is malformed, or a provider is named without its users or the reverse.
    """
    if not query.mentions_any(FILTERS):
        return EVERYBODY
    values: dict[str, Any] = {name: query.text(name) for name in TEXTS}
    values |= {name: query.texts(name) for name in LISTS}
    values |= {name: query.integer(name, least=0, most=MAX_TIME_MS) for name in TIMES}
    wanted = UserFilter(banned=query.boolean("banned"), **values)
    if wanted.provider is None and wanted.provider_user_id:
        raise ApiError.needed_with("provider", "provider_user_id")
    if wanted.provider is not None and not wanted.provider_user_id:
        raise ApiError.needed_with("provider_user_id", "provider")
    return wanted
