"""Make and change JWT templates."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.jwt_templates.entity import INSTANCE_ALGORITHM, JWT_TEMPLATES, JwtTemplate
from clerk_fake.tokens.algorithms import ALGORITHMS, usable_key

__all__ = ["JwtTemplateDraft", "change_jwt_template", "create_jwt_template"]

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
MOST_BYTES: Final = 65_536
RESERVED: Final = frozenset(
    "azp exp fea fva iat iss jti nbf o pla sid sts sub v".split()  # noqa: SIM905 - read as a list
)
"""Claims that are in every token, or in session tokens only, and no template may set."""


@dataclass(frozen=True, slots=True)
class JwtTemplateDraft:
    """What ``POST /v1/jwt_templates`` and ``PATCH …/{template_id}`` take."""

    name: str
    claims: JsonObject
    lifetime: Annotated[int, Between(30, 315_360_000)] | None = None
    allowed_clock_skew: Annotated[int, Between(0, 300)] | None = None
    custom_signing_key: bool | None = None
    signing_algorithm: str | None = None
    signing_key: str | None = None


def create_jwt_template(instance: Instance, draft: JwtTemplateDraft, origin: Origin) -> JwtTemplate:
    """Add a template.

    Raises:
        ApiError: 422, the name is malformed or taken, or the key is unusable; 400, a claim is
            reserved.
    """
    fields = _checked(instance, draft, None)
    now = instance.clock.now_ms()
    template_id = JWT_TEMPLATES.new_id(instance)
    template = JwtTemplate(id=template_id, created_at=now, updated_at=now, **fields)
    return JWT_TEMPLATES.add(instance, template, origin)


def change_jwt_template(
    instance: Instance, template: JwtTemplate, draft: JwtTemplateDraft, origin: Origin
) -> JwtTemplate:
    """Replace name and claims, and whatever else is given.

    Raises:
        ApiError: As for a new one.
    """
    return JWT_TEMPLATES.change(instance, template, origin, **_checked(instance, draft, template))


def _checked(
    instance: Instance, draft: JwtTemplateDraft, old: JwtTemplate | None
) -> dict[str, Any]:
    """Return the fields of a template that a draft sets."""
    if not NAME.fullmatch(draft.name):
        raise ApiError.bad_format("name", "of letters, digits, - and _")
    for other in JWT_TEMPLATES.table(instance).find("name", draft.name):
        if old is None or other.id != old.id:
            raise ApiError.of(
                422,
                "form_already_exists",
                "already exists",
                f"There is a JWT template with the name {draft.name} already.",
                param_name="name",
            )
    fields: dict[str, Any] = {"name": draft.name, "claims": _checked_claims(draft.claims)}
    if draft.lifetime is not None:
        fields["lifetime"] = draft.lifetime
    if draft.allowed_clock_skew is not None:
        fields["allowed_clock_skew"] = draft.allowed_clock_skew
    return fields | _signing(draft)


def _checked_claims(claims: JsonObject) -> JsonObject:
    for name in claims:
        if name in RESERVED:
            raise ApiError.of(
                400,
                "jwt_template_reserved_claim",
                "reserved claim used",
                f"You can't use the reserved claim: '{name}'",
                param_name="claims",
            )
    if len(orjson.dumps(claims)) > MOST_BYTES:
        raise ApiError.of(
            422,
            "form_param_exceeds_allowed_size",
            "exceeds allowed size",
            f"claims exceeds the maximum allowed size of {MOST_BYTES} bytes.",
            param_name="claims",
        )
    return claims


def _signing(draft: JwtTemplateDraft) -> dict[str, str | None]:
    if draft.custom_signing_key is None:
        return {}
    if not draft.custom_signing_key:
        return {"signing_algorithm": INSTANCE_ALGORITHM, "signing_key": None}
    for name in ("signing_algorithm", "signing_key"):
        if not getattr(draft, name):
            raise ApiError.of(
                422,
                "form_conditional_param_missing",
                "is missing",
                f"`{name}` is required when `custom_signing_key` is `true`.",
                param_name=name,
            )
    if draft.signing_algorithm not in ALGORITHMS:
        raise ApiError.bad_value("signing_algorithm", f"one of {', '.join(ALGORITHMS)}")
    if not usable_key(draft.signing_algorithm, draft.signing_key or ""):
        raise ApiError.bad_format("signing_key", f"a private key for {draft.signing_algorithm}")
    return {"signing_algorithm": draft.signing_algorithm, "signing_key": draft.signing_key}
