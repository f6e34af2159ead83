"""Bearer tokens: a user's session token, or the operator's."""

import hmac
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request

from clerk_sync.api.context import Context, context_of
from clerk_sync.errors import AccessRefusedError, ClerkSyncError, InvalidTokenError
from clerk_sync.service.authenticate import SignedIn
from clerk_sync.store.users import StoredUser

__all__ = ["CurrentContext", "CurrentUser", "Reader", "require_operator"]

CurrentContext = Annotated[Context, Depends(context_of)]


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidTokenError("a bearer token is missing", reason="missing_token")
    return token.strip()


async def _current_user(request: Request, context: CurrentContext) -> SignedIn:
    try:
        signed_in = await context.authenticator.sign_in(
            _bearer_token(request), request_id=uuid4().hex
        )
    except ClerkSyncError as refused:
        outcome = getattr(refused, "reason", refused.code)
        context.metrics.authentications.labels(outcome).inc()
        raise
    context.metrics.authentications.labels("accepted").inc()
    return signed_in


CurrentUser = Annotated[SignedIn, Depends(_current_user)]


def _is_operators(token: str, context: Context) -> bool:
    wanted = context.operator_token
    return bool(wanted) and hmac.compare_digest(token.encode(), wanted.encode())


async def _reader(request: Request, context: CurrentContext) -> StoredUser | None:
    if _is_operators(_bearer_token(request), context):
        return None
    return (await _current_user(request, context)).user


Reader = Annotated[StoredUser | None, Depends(_reader)]
"""Whose session token it is; ``None``: the operator, who may read everything."""


async def require_operator(request: Request, context: CurrentContext) -> None:
    """Let only the operator pass.

    Raises:
        AccessRefusedError: No operator token is configured, so nobody may.
        InvalidTokenError: This is not it.
    """
    if not context.operator_token:
        raise AccessRefusedError(
            "operator endpoints are closed until CLERK_SYNC_OPERATOR_TOKEN is set",
            reason="operator_token_unset",
        )
    if not _is_operators(_bearer_token(request), context):
        raise InvalidTokenError("this is not the operator's token", reason="wrong_operator_token")
