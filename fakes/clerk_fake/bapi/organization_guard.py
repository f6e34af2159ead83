"""Operations that need the organizations feature."""

from collections.abc import Iterator

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.response import Response
from clerk_fake.model.organizations.enabling import check_organizations_enabled

__all__ = ["while_enabled"]


def while_enabled(*routes: BapiRoute) -> Iterator[BapiRoute]:
    """Yield the same operations; they refuse with 403 while organizations are switched off."""
    return map(_guarded, routes)


def _guarded(route: BapiRoute) -> BapiRoute:
    def answer(call: Call) -> Response:
        check_organizations_enabled(call.instance)
        return route.handler(call)

    return route.answered_by(answer)
