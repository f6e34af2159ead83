"""Bodies of events as Clerk sends them, small but whole."""

from typing import Any

__all__ = ["event"]


def event(kind: str, clerk_id: str, version: int, **data: Any) -> dict[str, Any]:
    """Return an event; ``version`` is the ``updated_at`` of the record that it is about."""
    noun, _, what = kind.partition(".")
    if what == "deleted" and noun != "organizationMembership":
        body: dict[str, Any] = {"id": clerk_id, "object": noun, "deleted": True}
    else:
        times = {"created_at": 1000, "updated_at": version}
        body = {"id": clerk_id, "object": noun} | _BODIES.get(noun, _user)(clerk_id, version)
        body = times | body
    return {"type": kind, "object": "event", "timestamp": version, "data": body | data}


def _user(clerk_id: str, version: int) -> dict[str, Any]:
    return {
        "first_name": f"Version {version}",
        "last_name": None,
        "primary_email_address_id": "idn_1",
        "email_addresses": [
            {
                "id": "idn_1",
                "email_address": f"{clerk_id}@example.com",
                "verification": {"status": "verified", "strategy": "email_code"},
            }
        ],
    }


def _organization(clerk_id: str, version: int) -> dict[str, Any]:
    return {
        "name": f"Version {version}",
        "slug": clerk_id,
        "max_allowed_memberships": 5,
        "public_metadata": {},
        "private_metadata": {"plan": "secret"},
    }


def _membership(clerk_id: str, version: int) -> dict[str, Any]:
    """Its id tells: ``orgmem_1_2_b`` puts ``user_2`` into ``org_1``."""
    _, organization, user, *_ = clerk_id.split("_")
    return {
        # Clerk's versions of a membership begin with its creation.
        "created_at": version,
        "role": "org:member",
        "role_name": "Member",
        "permissions": ["org:sys_memberships:read"],
        "public_metadata": {"seat": clerk_id},
        "private_metadata": {"salary": 1},
        "organization": {"id": f"org_{organization}", "object": "organization"},
        "public_user_data": {"user_id": f"user_{user}", "first_name": "Somebody"},
    }


def _role(_clerk_id: str, version: int) -> dict[str, Any]:
    return {
        "key": "org:member",
        "name": f"Version {version}",
        "description": None,
        "permissions": [{"id": "perm_1", "object": "permission", "key": "org:sys_profile:manage"}],
    }


def _invitation(clerk_id: str, _version: int) -> dict[str, Any]:
    return {
        "email_address": f"{clerk_id}@example.com",
        "role": "org:member",
        "organization_id": "org_1",
        "status": "pending",
        "expires_at": None,
        "public_metadata": {},
    }


def _session(_clerk_id: str, _version: int) -> dict[str, Any]:
    return {"user_id": "user_1", "client_id": "client_1", "status": "active"}


_BODIES = {
    "organization": _organization,
    "organizationMembership": _membership,
    "organizationInvitation": _invitation,
    "invitation": _invitation,
    "role": _role,
    "session": _session,
}
