"""An organization, as an instance remembers it."""

from dataclasses import dataclass, field
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.state import Noun

__all__ = ["ORGANIZATION_NOUN", "Organization", "organizations_with_role_set"]


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization; times are Unix ms. Names are those of Clerk's API unless said otherwise.

    Attributes:
        slug: Unique in the instance.
        max_allowed_memberships: With outstanding invitations; 0 for as many as one likes.
        created_by: Id of a user; ``None`` when nobody was named.
        role_set_id: The roles that its members may have.
        image_id: The logo, one of ``IMAGES``.
    """

    id: str
    name: str
    slug: str
    max_allowed_memberships: int
    admin_delete_enabled: bool
    role_set_id: str
    created_at: int
    updated_at: int
    created_by: str | None = None
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    image_id: str | None = None
    last_active_at: int | None = None


ORGANIZATION_NOUN: Final = Noun(
    "organizations",
    Organization,
    {
        "slug": lambda organization: (organization.slug,),
        "role_set_id": lambda organization: (organization.role_set_id,),
    },
)


def organizations_with_role_set(instance: Instance, role_set_id: str) -> list[Organization]:
    """Return the organizations whose members have roles of this set."""
    return instance.state.of(ORGANIZATION_NOUN).find("role_set_id", role_set_id)
