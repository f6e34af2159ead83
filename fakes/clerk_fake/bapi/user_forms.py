"""How users come in over the wire: bodies of create and update, filters of lists."""

import dataclasses
from typing import Final, TypeVar

from clerk_fake.bapi.dated_fields import METADATA_APART, VersionedFields
from clerk_fake.errors import ApiError
from clerk_fake.http.fields import Fields
from clerk_fake.http.query import Query
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications import Standing
from clerk_fake.model.passwords import PASSWORD_HASHERS, Password
from clerk_fake.model.unset import UNSET, Unset
from clerk_fake.model.users.create import UserDraft
from clerk_fake.model.users.search import EVERYBODY, UserFilter
from clerk_fake.model.users.update import MetadataChange, UserChange

__all__ = [
    "METADATA_FIELDS",
    "UPDATE_FIELDS",
    "read_change",
    "read_draft",
    "read_filter",
    "read_metadata_change",
]

T = TypeVar("T")

MAX_TIME_MS: Final = 2**53
FILTERS: Final = frozenset(field.name for field in dataclasses.fields(UserFilter))
"""Parameters that filter; they have the names of the filter's fields."""

METADATA_FIELDS: Final = frozenset({"public_metadata", "private_metadata", "unsafe_metadata"})

PROFILE_FIELDS: Final = frozenset(
    {
        "external_id",
        "username",
        "first_name",
        "last_name",
        "locale",
        "password",
        "password_digest",
        "password_hasher",
        "skip_password_checks",
        "created_at",
        "legal_accepted_at",
        "skip_legal_checks",
        "delete_self_enabled",
        "create_organization_enabled",
        "create_organizations_limit",
        "bypass_client_trust",
    }
)

CREATE_FIELDS: Final = (
    PROFILE_FIELDS
    | METADATA_FIELDS
    | {
        "email_address",
        "email_address_identification_status",
        "phone_number",
        "phone_number_identification_status",
        "skip_password_requirement",
        "skip_user_requirement",
        "banned",
        "locked",
    }
)


_UPDATE: Final = PROFILE_FIELDS | {
    "primary_email_address_id",
    "primary_phone_number_id",
    "notify_primary_email_address_changed",
    "sign_out_of_other_sessions",
}
UPDATE_FIELDS: Final = VersionedFields(_UPDATE | METADATA_FIELDS, _UPDATE, since=METADATA_APART)

CREATED_STANDINGS: Final = (Standing.VERIFIED.value, Standing.RESERVED.value)


def read_draft(fields: Fields) -> UserDraft:
    """Read the body of ``POST /v1/users``."""
    fields.allow_only(CREATE_FIELDS)
    return UserDraft(
        external_id=fields.text("external_id"),
        username=fields.text("username"),
        first_name=fields.text("first_name"),
        last_name=fields.text("last_name"),
        locale=fields.text("locale"),
        email_addresses=_identifications(fields, "email_address"),
        phone_numbers=_identifications(fields, "phone_number"),
        password=fields.text("password"),
        imported_password=_imported_password(fields),
        skip_password_checks=fields.boolean("skip_password_checks") or False,
        skip_user_requirement=fields.boolean("skip_user_requirement") or False,
        public_metadata=fields.json_object("public_metadata") or {},
        private_metadata=fields.json_object("private_metadata") or {},
        unsafe_metadata=fields.json_object("unsafe_metadata") or {},
        created_at=fields.time("created_at"),
        legal_accepted_at=fields.time("legal_accepted_at"),
        delete_self_enabled=fields.boolean("delete_self_enabled") is not False,
        create_organization_enabled=fields.boolean("create_organization_enabled") is not False,
        create_organizations_limit=fields.integer("create_organizations_limit", least=0),
        bypass_client_trust=fields.boolean("bypass_client_trust") or False,
        banned=fields.boolean("banned") or False,
        locked=fields.boolean("locked") or False,
    )


def read_change(fields: Fields) -> UserChange:
    """Read the body of ``PATCH /v1/users/{user_id}``; ``null`` clears texts only."""
    imported = _imported_password(fields)
    return UserChange(
        external_id=_nullable_text(fields, "external_id"),
        username=_nullable_text(fields, "username"),
        first_name=_nullable_text(fields, "first_name"),
        last_name=_nullable_text(fields, "last_name"),
        locale=_nullable_text(fields, "locale"),
        primary_email_address_id=_or_unset(fields.text("primary_email_address_id")),
        primary_phone_number_id=_or_unset(fields.text("primary_phone_number_id")),
        password=_or_unset(fields.text("password")),
        imported_password=_or_unset(imported),
        skip_password_checks=fields.boolean("skip_password_checks") or False,
        sign_out_of_other_sessions=fields.boolean("sign_out_of_other_sessions") or False,
        metadata=read_metadata_change(fields),
        created_at=_or_unset(fields.time("created_at")),
        legal_accepted_at=_or_unset(fields.time("legal_accepted_at")),
        delete_self_enabled=_or_unset(fields.boolean("delete_self_enabled")),
        create_organization_enabled=_or_unset(fields.boolean("create_organization_enabled")),
        create_organizations_limit=_or_unset(fields.integer("create_organizations_limit", least=0)),
        bypass_client_trust=_or_unset(fields.boolean("bypass_client_trust")),
    )


def read_metadata_change(fields: Fields) -> MetadataChange:
    """Read the three kinds of metadata; absent and null ones stay as they are."""
    return MetadataChange(
        public_metadata=_metadata(fields, "public_metadata"),
        private_metadata=_metadata(fields, "private_metadata"),
        unsafe_metadata=_metadata(fields, "unsafe_metadata"),
    )


def read_filter(query: Query) -> UserFilter:
    """Read the filters of ``GET /v1/users`` and ``GET /v1/users/count``."""
    if not query.mentions_any(FILTERS):
        return EVERYBODY
    return UserFilter(
        email_address=query.texts("email_address"),
        phone_number=query.texts("phone_number"),
        external_id=query.texts("external_id"),
        username=query.texts("username"),
        user_id=query.texts("user_id"),
        query=query.text("query"),
        email_address_query=query.text("email_address_query"),
        phone_number_query=query.text("phone_number_query"),
        username_query=query.text("username_query"),
        name_query=query.text("name_query"),
        banned=query.boolean("banned"),
        created_at_before=_time(query, "created_at_before"),
        created_at_after=_time(query, "created_at_after"),
        last_active_at_before=_time(query, "last_active_at_before"),
        last_active_at_after=_time(query, "last_active_at_after"),
        last_sign_in_at_before=_time(query, "last_sign_in_at_before"),
        last_sign_in_at_after=_time(query, "last_sign_in_at_after"),
    )


def _time(query: Query, name: str) -> int | None:
    return query.integer(name, least=0, most=MAX_TIME_MS)


def _identifications(fields: Fields, name: str) -> tuple[tuple[str, Standing], ...]:
    texts = fields.texts(name)
    standings = fields.texts(f"{name}_identification_status")
    if not standings:
        return tuple((text, Standing.VERIFIED) for text in texts)
    if len(standings) != len(texts) or not set(standings) <= set(CREATED_STANDINGS):
        raise ApiError.bad_value(
            f"{name}_identification_status",
            f"one of {', '.join(CREATED_STANDINGS)} for each {name}",
        )
    return tuple(zip(texts, map(Standing, standings), strict=True))


def _imported_password(fields: Fields) -> Password | None:
    digest = fields.text("password_digest")
    if digest is None:
        return None
    hasher = fields.choice("password_hasher", PASSWORD_HASHERS)
    if hasher is None:
        raise ApiError.missing_param("password_hasher")
    return Password(hasher, digest)


def _metadata(fields: Fields, name: str) -> JsonObject | Unset:
    return _or_unset(fields.json_object(name))


def _nullable_text(fields: Fields, name: str) -> str | Unset | None:
    return fields.text(name) if name in fields else UNSET


def _or_unset(value: T | None) -> T | Unset:
    return UNSET if value is None else value
