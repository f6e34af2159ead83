"""Who gets through to an operation, and what is answered again without doing it again."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.http.auth import authenticate, bearer_key
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.model.portal_tokens import holder_of_portal_token
from clerk_fake.model.svix_apps import goes_by
from clerk_fake.svix_api.call import SvixCall, SvixRoute

__all__ = ["admitted"]

SUCCESS: Final = range(200, 300)
LONGEST_KEY: Final = 256


def admitted(
    routes: Iterable[SvixRoute], instances: Instances, *, portal: bool
) -> Iterator[Route[Handler]]:
    """Yield the routes behind the check of token and app.

    Args:
        routes: The operations.
        instances: Whose keys open them.
        portal: Whether tokens of the app portal open them, too.
    """
    for route in routes:
        yield route.answered_by(_admitted(route.handler, instances, portal=portal))


def _admitted(
    handler: Callable[[SvixCall], Response], instances: Instances, *, portal: bool
) -> Handler:
    def answer(request: Request) -> Response:
        instance = _instance(request, instances, portal=portal)
        app = request.params.get("app_id")
        if app is not None and not goes_by(instance, app):
            raise ApiError.not_found("application", app)
        call = SvixCall(request, instance, bearer_key(request))
        return _once(call, handler) if request.method == "POST" else handler(call)

    return answer


def _instance(request: Request, instances: Instances, *, portal: bool) -> Instance:
    """Return whose request it is.

    Raises:
        ApiError: 401, the token is not known; 403, it does not open this operation.
    """
    holder = holder_of_portal_token(bearer_key(request), instances)
    if holder is None:
        return authenticate(request, instances)
    if not portal:
        raise ApiError.of(
            403,
            "insufficient access",
            "insufficient access",
            "A token of the app portal does not open this operation: use the secret key.",
        )
    return holder


def _once(call: SvixCall, handler: Callable[[SvixCall], Response]) -> Response:
    """Give the answer of the first successful request to all further ones with its key."""
    request = call.request
    key = request.headers.get("idempotency-key")
    if not key:
        return handler(call)
    if len(key) > LONGEST_KEY:
        raise ApiError.bad_value("idempotency-key", f"at most {LONGEST_KEY} characters")
    asked = (call.token, key, request.path, request.scope["query_string"].decode("latin-1"))
    answers = call.instance.idempotent_answers
    known = answers.find(*asked)
    if known is not None:
        return Response(known.status, known.body.encode())
    response = handler(call)
    if response.status in SUCCESS:
        answers.keep(*asked, status=response.status, body=response.body.decode())
    return response
