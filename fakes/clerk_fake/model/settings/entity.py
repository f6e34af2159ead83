"""What can be set on an instance, group by group, and how it is kept.

There is one row per instance, and none before the first change: an instance that nobody has set
up costs nothing and has the defaults. Names are those of Clerk's API unless said otherwise.
"""

from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.state import Noun

__all__ = [
    "GROUPS",
    "SETTINGS",
    "CommunicationSettings",
    "EnrollmentMode",
    "Environment",
    "GeneralSettings",
    "OAuthApplicationSettings",
    "OrganizationSettings",
    "ProtectSettings",
    "RestrictionSettings",
    "SessionSettings",
    "Settings",
    "SignUpMode",
    "change_settings",
    "settings_of",
]

G = TypeVar("G")


class Environment(StrEnum):
    """What kind of instance it is."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SignUpMode(StrEnum):
    """Who may sign up; Clerk's dashboard sets it, here the control plane does."""

    PUBLIC = "public"
    RESTRICTED = "restricted"
    WAITLIST = "waitlist"


class EnrollmentMode(StrEnum):
    """How users with an address of an organization's domain come into the organization."""

    MANUAL_INVITATION = "manual_invitation"
    AUTOMATIC_INVITATION = "automatic_invitation"
    AUTOMATIC_SUGGESTION = "automatic_suggestion"


@dataclass(frozen=True, slots=True)
class GeneralSettings:
    """``/v1/instance`` and the two parameters that only the beta operation has.

    Attributes:
        environment: ``None``: what the secret key says.
        test_mode: Whether test addresses and numbers work; ``None``: in development only.
        sign_up_mode: Set by the control plane.
        application_name: What messages call the application; set by the control plane.
        from_email_address: Local part of the sender.
        home_url: Of a production instance, once it was changed.
        proxies_answer: What a look at a proxy finds; set by the control plane.
    """

    environment: Environment | None = None
    test_mode: bool | None = None
    sign_up_mode: SignUpMode = SignUpMode.PUBLIC
    hibp: bool = True
    support_email: str | None = None
    clerk_js_version: str | None = None
    development_origin: str | None = None
    allowed_origins: tuple[str, ...] = ()
    url_based_session_syncing: bool = True
    preferred_sign_in_strategy_when_password_required: str = ""
    application_name: str = "My Application"
    from_email_address: str = "noreply"
    progressive_sign_up: bool = True
    home_url: str | None = None
    proxies_answer: bool = True


@dataclass(frozen=True, slots=True)
class RestrictionSettings:
    """``/v1/instance/restrictions``.

    Attributes:
        ignore_dots_for_gmail_addresses: Clerk's Node client still sets it; not told any more.
        disposable_domains: Further ones; set by the control plane.
    """

    allowlist: bool = False
    blocklist: bool = False
    allowlist_blocklist_disabled_on_sign_in: bool = True
    block_email_subaddresses: bool = False
    block_disposable_email_domains: bool = False
    ignore_dots_for_gmail_addresses: bool = False
    disposable_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtectSettings:
    """``/v1/instance/protect``."""

    rules_enabled: bool = False
    specter_enabled: bool = False
    checks_bypassed: bool = False


@dataclass(frozen=True, slots=True)
class CommunicationSettings:
    """``/v1/instance/communication``."""

    blocked_country_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OAuthApplicationSettings:
    """``/v1/instance/oauth_application_settings``; scopes of ``None`` are Clerk's own."""

    dynamic_oauth_client_registration: bool = False
    default_scopes: tuple[str, ...] | None = None
    oauth_jwt_access_tokens: bool = False
    client_id_metadata_documents_advertised: bool = False
    client_id_metadata_documents_only_allow_pre_registered_clients: bool = False
    client_id_metadata_documents_block_implicitly_allowed_clients: bool = False


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What Clerk's dashboard says of sessions.

    Attributes:
        claims: Added to every session token; may hold shortcodes, as JWT templates do.
        organization_required: Whether a session without an organization stays pending.
        mfa_required: Whether the session of a user without a second factor stays pending.
    """

    claims: JsonObject = field(default_factory=dict)
    organization_required: bool = False
    mfa_required: bool = False


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """``/v1/instance/organization_settings``; all of it is on, unlike in a new Clerk instance.

    The roles that the operation tells of as well are those of the initial role set.

    Attributes:
        max_allowed_memberships: Per organization; 0 for as many as one likes.
        domains_enrollment_modes: Those that organizations may choose for their domains.
    """

    enabled: bool = True
    max_allowed_memberships: int = 0
    max_allowed_roles: int = 10
    max_role_sets_allowed: int = 10
    max_allowed_domains: int = 10
    max_allowed_permissions: int = 50
    admin_delete_enabled: bool = True
    domains_enabled: bool = True
    slug_disabled: bool = False
    domains_enrollment_modes: tuple[EnrollmentMode, ...] = tuple(EnrollmentMode)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of an instance; ``updated_at`` (ms) is 0 before the first change."""

    id: str = "settings"
    created_at: int = 0
    updated_at: int = 0
    general: GeneralSettings = field(default_factory=GeneralSettings)
    restrictions: RestrictionSettings = field(default_factory=RestrictionSettings)
    protect: ProtectSettings = field(default_factory=ProtectSettings)
    communication: CommunicationSettings = field(default_factory=CommunicationSettings)
    oauth_applications: OAuthApplicationSettings = field(default_factory=OAuthApplicationSettings)
    organizations: OrganizationSettings = field(default_factory=OrganizationSettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)


SETTINGS: Final = Noun("settings", Settings)
DEFAULTS: Final = Settings()
GROUPS: Final = frozenset(each.name for each in fields(Settings) if is_dataclass(each.type))
"""The names of the groups."""


def settings_of(instance: Instance) -> Settings:
    """Return how the instance is set up, e.g. ``settings_of(instance).organizations.enabled``."""
    return instance.state.of(SETTINGS).get(DEFAULTS.id) or DEFAULTS


def change_settings(instance: Instance, **groups: Any) -> Settings:
    """Replace whole groups; Clerk sends no event for settings."""
    now = instance.clock.now_ms()
    old = settings_of(instance)
    changed = replace(old, **groups, created_at=old.created_at or now, updated_at=now)
    instance.state.of(SETTINGS).put(changed)
    return changed
