"""Bearer tokens: a user's session token, or the operator's."""

from typing import Annotated

from fastapi import Depends, Request

from clerk_sync.api.context import Context, context_of
from clerk_sync.api.sources import source_of
from clerk_sync.errors import AccessRefusedError, ClerkSyncError, InvalidTokenError
from clerk_sync.option_values import DOTS_OF_JWT
from clerk_sync.request_ids import current_request_id
from clerk_sync.service.authenticate import SignedIn
from clerk_sync.store.users import StoredUser

__all__ = ["CurrentContext", "CurrentOperator", "CurrentUser", "Reader", "require_operator"]

CurrentContext = Annotated[Context, Depends(context_of)]


def _bearer_token(request: Request) -> str:
    offered = request.headers.getlist("authorization")
    if len(offered) > 1:
        # Whoever stands before the service may have checked the other one.
        raise InvalidTokenError("there are several Authorization headers", reason="malformed")
    scheme, _, token = "".join(offered).partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidTokenError("a bearer token is missing", reason="missing_token")
    return token.strip()


def _source(request: Request) -> str:
    return source_of(request.scope["client"][0])


async def _current_user(request: Request, context: CurrentContext) -> SignedIn:
    try:
        signed_in = await context.authenticator.sign_in(
            _bearer_token(request), request_id=current_request_id()
        )
    except ClerkSyncError as refused:
        outcome = getattr(refused, "reason", refused.code)
        context.metrics.authentications.labels(outcome).inc()
        raise await context.rates.count_refused(_source(request), refused) from refused
    context.metrics.authentications.labels("accepted").inc()
    return signed_in


CurrentUser = Annotated[SignedIn, Depends(_current_user)]


async def require_operator(request: Request, context: CurrentContext) -> str:
    """Let only an operator pass.

    Returns:
        Who it is in the audit log, ``operator:<fingerprint of the token>``.

    Raises:
        AccessRefusedError: No operator token is configured, so nobody may.
        InvalidTokenError: This is none.
        RateLimitedError: Too many that were none came from there.
    """
    if not context.operators.exist:
        raise AccessRefusedError(
            "operator endpoints are closed until CLERK_SYNC_OPERATOR_TOKEN is set",
            reason="operator_token_unset",
        )
    source = _source(request)
    context.rates.check_guesser(source)
    try:
        return context.operators.identify(_bearer_token(request))
    except InvalidTokenError as wrong:
        raise await context.rates.count_guess(source, wrong) from wrong


CurrentOperator = Annotated[str, Depends(require_operator)]


async def _reader(request: Request, context: CurrentContext) -> StoredUser | None:
    if _is_session_token(_bearer_token(request)):
        return (await _current_user(request, context)).user
    await require_operator(request, context)
    return None


Reader = Annotated[StoredUser | None, Depends(_reader)]
"""Whose session token it is; ``None``: the operator, who may read everything."""


def _is_session_token(token: str) -> bool:
    """Tell by the looks: what might be an operator's must count as a guess when it is wrong."""
    return token.count(".") == DOTS_OF_JWT
