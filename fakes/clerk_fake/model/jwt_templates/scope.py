"""What shortcodes may name: the user, the organization, the membership, the session."""

from typing import Any

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications.entity import Identification
from clerk_fake.model.identifications.kinds import KINDS
from clerk_fake.model.images import image_url
from clerk_fake.model.memberships.entity import (
    Membership,
    membership_of,
    memberships_of_user,
)
from clerk_fake.model.memberships.resource import role_of
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN
from clerk_fake.model.sessions.entity import Session
from clerk_fake.model.users.entity import User

__all__ = ["active_membership", "scope_of"]


def active_membership(instance: Instance, session: Session) -> Membership | None:
    """Return the membership that a session is in."""
    organization_id = session.last_active_organization_id
    if organization_id is None:
        return None
    return membership_of(instance, organization_id, session.user_id)


def scope_of(instance: Instance, user: User, session: Session) -> JsonObject:
    """Return what the shortcodes of a token may name; times are Unix seconds."""
    membership = active_membership(instance, session)
    return {
        "user": _user(instance, user),
        "session": {
            "id": session.id,
            "actor": session.actor,
            "status": session.status.value,
            "created_at": session.created_at // 1000,
        },
        "org": {} if membership is None else _organization(instance, membership),
        "org_membership": (
            {} if membership is None else {"public_metadata": membership.public_metadata}
        ),
    }


def _user(instance: Instance, user: User) -> JsonObject:
    primary = {kind.param: _primary(kind.of(user), kind.primary_id_of(user)) for kind in KINDS}
    email, phone = primary["email_address"], primary["phone_number"]
    wallet = primary["web3_wallet"]
    names = [name for name in (user.first_name, user.last_name) if name]
    return {
        "id": user.id,
        "external_id": user.external_id,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "full_name": " ".join(names) or None,
        "locale": user.locale,
        "image_url": image_url(instance.home_url, user.image_id),
        "has_image": user.image_id is not None,
        "primary_email_address": email and email.identifier,
        "email_verified": email is not None and email.verified,
        "primary_phone_number": phone and phone.identifier,
        "phone_number_verified": phone is not None and phone.verified,
        "primary_web3_wallet": wallet and wallet.identifier,
        "two_factor_enabled": user.two_factor_enabled,
        "public_metadata": user.public_metadata,
        "unsafe_metadata": user.unsafe_metadata,
        "organizations": {
            membership.organization_id: role_of(instance, membership).key
            for membership in memberships_of_user(instance, user.id)
        },
        "created_at": user.created_at // 1000,
        "updated_at": user.updated_at // 1000,
        "last_sign_in_at": user.last_sign_in_at and user.last_sign_in_at // 1000,
    }


def _primary(held: tuple[Identification, ...], primary_id: str | None) -> Identification | None:
    return next((each for each in held if each.id == primary_id), None)


def _organization(instance: Instance, membership: Membership) -> JsonObject:
    organization: Any = instance.state.of(ORGANIZATION_NOUN).get(membership.organization_id)
    return {
        "id": organization.id,
        "name": organization.name,
        "slug": organization.slug,
        "role": role_of(instance, membership).key,
        "image_url": image_url(instance.home_url, organization.image_id),
        "has_image": organization.image_id is not None,
        "public_metadata": organization.public_metadata,
    }
