"""A JWT template, as an instance remembers it."""

from dataclasses import dataclass, field
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = ["INSTANCE_ALGORITHM", "JWT_TEMPLATES", "JwtTemplate", "jwt_template_of_name"]

INSTANCE_ALGORITHM: Final = "RS256"
"""Of tokens that the instance's own key signs."""


@dataclass(frozen=True, slots=True)
class JwtTemplate:
    """A template; times are Unix ms, names those of Clerk's API.

    Attributes:
        lifetime: Seconds.
        allowed_clock_skew: Seconds.
        signing_key: Of its own: PEM, or a shared secret; ``None`` for the instance's.
    """

    id: str
    name: str
    created_at: int
    updated_at: int
    claims: JsonObject = field(default_factory=dict)
    lifetime: int = 60
    allowed_clock_skew: int = 5
    signing_algorithm: str = INSTANCE_ALGORITHM
    signing_key: str | None = None


def _resource(_instance: Instance, template: JwtTemplate) -> JsonObject:
    return {
        "object": "jwt_template",
        "id": template.id,
        "name": template.name,
        "claims": template.claims,
        "lifetime": template.lifetime,
        "allowed_clock_skew": template.allowed_clock_skew,
        "custom_signing_key": template.signing_key is not None,
        "signing_algorithm": template.signing_algorithm,
        "created_at": template.created_at,
        "updated_at": template.updated_at,
    }


JWT_TEMPLATES: Final = Kind(
    Noun("jwt_templates", JwtTemplate, {"name": lambda template: (template.name,)}),
    what="JWT template",
    prefix="jtmp",
    wire_name="jwt_template",
    resource=_resource,
)


def jwt_template_of_name(instance: Instance, name: str) -> JwtTemplate:
    """Return the template with this name.

    Raises:
        ApiError: 404, there is none.
    """
    found = JWT_TEMPLATES.table(instance).find("name", name)
    if not found:
        raise ApiError.of(
            404,
            "resource_not_found",
            "JWT template not found",
            f"No JWT template exists with name: {name}",
        )
    return found[0]
