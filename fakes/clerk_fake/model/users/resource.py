"""A user as back ends see it: the Backend API's answer and the webhook payload alike."""

from typing import Final

import orjson

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications.resource import (
    email_address_resource,
    phone_number_resource,
    web3_wallet_resource,
)
from clerk_fake.model.images import image_url
from clerk_fake.model.users.accounts import (
    Protocol,
    enterprise_account_resource,
    external_account_resource,
    passkey_resource,
    saml_account_resource,
)
from clerk_fake.model.users.entity import User
from clerk_fake.renderings import Form

__all__ = ["deleted_user_resource", "user_json", "user_resource"]

VERIFICATION_ATTEMPTS: Final = 100
"""Clerk's default number of wrong codes and passwords before a lock-out."""


def user_resource(user: User, now_ms: int, home_url: str) -> JsonObject:
    """Return the user as Clerk writes it at this time (a lock may run out meanwhile)."""
    shown_image_url = image_url(home_url, user.image_id)
    locked = user.locked_at(now_ms)
    lock_left_ms = (user.locked_until or 0) - now_ms
    return {
        "id": user.id,
        "object": "user",
        "external_id": user.external_id,
        "primary_email_address_id": user.primary_email_address_id,
        "primary_phone_number_id": user.primary_phone_number_id,
        "primary_web3_wallet_id": user.primary_web3_wallet_id,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "locale": user.locale,
        "profile_image_url": shown_image_url,
        "image_url": shown_image_url,
        "has_image": user.image_id is not None,
        "public_metadata": user.public_metadata,
        "private_metadata": user.private_metadata,
        "unsafe_metadata": user.unsafe_metadata,
        "email_addresses": [
            email_address_resource(email, user.links()) for email in user.email_addresses
        ],
        "phone_numbers": [phone_number_resource(phone) for phone in user.phone_numbers],
        "web3_wallets": [web3_wallet_resource(wallet) for wallet in user.web3_wallets],
        "passkeys": [passkey_resource(passkey) for passkey in user.passkeys],
        "external_accounts": [
            external_account_resource(account) for account in user.external_accounts
        ],
        "saml_accounts": [
            saml_account_resource(account)
            for account in user.enterprise_accounts
            if account.protocol is Protocol.SAML
        ],
        "enterprise_accounts": [
            enterprise_account_resource(account) for account in user.enterprise_accounts
        ],
        "password_enabled": user.password is not None,
        "password_last_updated_at": user.password_updated_at,
        "two_factor_enabled": user.two_factor_enabled,
        "totp_enabled": user.totp_secret is not None,
        "backup_code_enabled": bool(user.backup_codes),
        "mfa_enabled_at": user.mfa_enabled_at,
        "mfa_disabled_at": user.mfa_disabled_at,
        "last_sign_in_at": user.last_sign_in_at,
        "last_active_at": user.last_active_at,
        "legal_accepted_at": user.legal_accepted_at,
        "banned": user.banned,
        "locked": locked,
        "lockout_expires_in_seconds": -(-lock_left_ms // 1000) if locked else None,
        "verification_attempts_remaining": VERIFICATION_ATTEMPTS,
        "delete_self_enabled": user.delete_self_enabled,
        "create_organization_enabled": user.create_organization_enabled,
        "create_organizations_limit": user.create_organizations_limit,
        "bypass_client_trust": user.bypass_client_trust,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    }


def _steady(user: User) -> bool:
    return user.locked_until is None  # a lock counts down


USER: Final = Form(user_resource, _steady)


def user_json(instance: Instance, user: User, now_ms: int) -> orjson.Fragment:
    """Return ``user_resource`` as JSON, written once per version of the user."""
    return instance.renderings.of(USER, user, now_ms)


def deleted_user_resource(user: User) -> JsonObject:
    """Return the tombstone of a user."""
    tombstone: JsonObject = {"deleted": True, "id": user.id, "object": "user"}
    if user.external_id is not None:
        tombstone["external_id"] = user.external_id
    return tombstone
