"""The access tokens of a user's accounts at OAuth providers."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.users.accounts import ExternalAccount
from clerk_fake.model.users.connecting import PROVIDER
from clerk_fake.model.users.entity import USERS, User

__all__ = ["oauth_access_tokens"]

REFRESHED_FOR_MS: Final = 60 * 60 * 1000
HEXADECIMAL: Final = "0123456789abcdef"
TOKEN_LENGTH: Final = 40


def oauth_access_tokens(instance: Instance, user: User, provider: str) -> list[JsonObject]:
    """Return the tokens that a user has from a provider; an expired one is refreshed first.

    Refreshing is no change of the user: nothing is told.

    Raises:
        ApiError: 400, there is no such provider; 422, there is no token, or it has expired and
            the provider gave none to refresh it with.
    """
    if not provider.startswith("oauth_"):
        provider = f"oauth_{provider}"
    if not PROVIDER.fullmatch(provider):
        raise ApiError.of(
            400,
            "oauth_unsupported_provider",
            f"{provider} OAuth is not supported. "
            "Please contact us if you think this error should not appear.",
        )
    now = instance.clock.now_ms()
    accounts = {
        account.id: _fresh(instance, account, now)
        for account in user.external_accounts
        if account.provider == provider
    }
    after = tuple(accounts.get(account.id, account) for account in user.external_accounts)
    if after != user.external_accounts:
        instance.state.of(USERS).put(replace(user, external_accounts=after))
    return _resources(accounts.values())


def _fresh(instance: Instance, account: ExternalAccount, now: int) -> ExternalAccount:
    if account.token is None:
        raise ApiError.of(
            422,
            "oauth_missing_access_token",
            "Missing OAuth access token",
            "OAuth access token is missing",
        )
    if account.token_expires_at is None or account.token_expires_at > now:
        return account
    if account.refresh_token is None:
        raise ApiError.of(
            422,
            "oauth_missing_refresh_token",
            "Cannot refresh OAuth access token",
            "The current access token has expired and we cannot refresh it, because the "
            "authorization server hasn't provided us with a refresh token",
        )
    return replace(
        account,
        token=instance.ids.text(HEXADECIMAL, TOKEN_LENGTH),
        token_expires_at=now + REFRESHED_FOR_MS,
    )


def _resources(accounts: Iterable[ExternalAccount]) -> list[JsonObject]:
    return [
        {
            "object": "oauth_access_token",
            "external_account_id": account.id,
            "provider_user_id": account.provider_user_id,
            "token": account.token,
            "expires_at": account.token_expires_at,
            "provider": account.provider,
            "public_metadata": account.public_metadata,
            "label": account.label,
            **({"scopes": account.approved_scopes.split()} if account.token_secret is None else {}),
            **({} if account.id_token is None else {"id_token": account.id_token}),
            **({} if account.token_secret is None else {"token_secret": account.token_secret}),
        }
        for account in accounts
    ]
