"""What a seed file may declare: each section, and the operation by which its entries come about.

The fields of an entry are those of the operation, under the same names. Sections are made in the
order of this table, so that entries refer to what is there already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from clerk_fake.seeding.operations import Operation

__all__ = ["SECTIONS", "Ref", "Section", "offered_sections"]


@dataclass(frozen=True, slots=True)
class Ref:
    """A field that names something else, or a list of such, by handle or id.

    Attributes:
        section: Where that is declared.
        param: The parameter of the operation that takes the id.
    """

    section: str
    param: str


@dataclass(frozen=True, slots=True)
class Section:
    """A list of entries; or one mapping, for what an instance has once.

    Attributes:
        name: In the file.
        operation: Makes an entry.
        refs: Name of a field → what it refers to.
        children: Sections inside an entry.
        owner: The parameter that takes the id of the entry it is inside.
        once: Whether it is a mapping rather than a list.
        plain: The field that is meant when an entry is plain text.
        texts: Fields that take a list of texts, where a single text may stand for a list of one.
    """

    name: str
    operation: Operation
    refs: Mapping[str, Ref] = field(default_factory=dict)
    children: tuple["Section", ...] = ()
    owner: str | None = None
    once: bool = False
    plain: str | None = None
    texts: frozenset[str] = frozenset()

    @property
    def offered(self) -> bool:
        """Whether this fake has the operation."""
        return self.operation.offered


def _once(name: str, method: str, path: str) -> Section:
    return Section(name, Operation(method, path), once=True)


def _of_user(name: str, operation: Operation, plain: str | None = None) -> Section:
    return Section(name, operation, owner="user_id", plain=plain)


USER: Final = Ref("users", "user_id")
OF_USER: Final = "…/users/{user_id}"

SUBSCRIPTIONS: Final = Section(
    "subscriptions",
    Operation("POST", "…/billing/payers/{owner_id}/subscribe"),
    owner="owner_id",
    refs={"plan": Ref("plans", "plan_id")},
    plain="plan",
)

SECTIONS: Final = (
    _once("clock", "PUT", "…/clock"),
    _once("settings", "PATCH", "…/settings"),
    _once("limits", "PUT", "…/limits"),
    _once("delivery_schedule", "PUT", "…/delivery-schedule"),
    Section(
        "endpoints",
        Operation("POST", "…/endpoints"),
        plain="url",
        texts=frozenset({"event_types"}),
    ),
    Section(
        "allowlist",
        Operation("POST", "/v1/allowlist_identifiers"),
        plain="identifier",
    ),
    Section(
        "blocklist",
        Operation("POST", "/v1/blocklist_identifiers"),
        plain="identifier",
    ),
    Section("redirect_urls", Operation("POST", "/v1/redirect_urls"), plain="url"),
    Section("jwt_templates", Operation("POST", "/v1/jwt_templates")),
    Section("permissions", Operation("POST", "/v1/organization_permissions")),
    Section(
        "roles",
        Operation("POST", "/v1/organization_roles"),
        refs={"permissions": Ref("permissions", "permissions")},
    ),
    Section("role_sets", Operation("POST", "/v1/role_sets")),
    Section("plans", Operation("POST", "…/billing/plans")),
    Section(
        "users",
        Operation("POST", "/v1/users"),
        texts=frozenset({"email_address", "phone_number", "web3_wallet"}),
        children=(
            _of_user("email_addresses", Operation("POST", "/v1/email_addresses"), "email_address"),
            _of_user("phone_numbers", Operation("POST", "/v1/phone_numbers"), "phone_number"),
            _of_user("external_accounts", Operation("POST", f"{OF_USER}/external_accounts")),
            _of_user("web3_wallets", Operation("POST", f"{OF_USER}/web3_wallets"), "web3_wallet"),
            _of_user("enterprise_accounts", Operation("POST", f"{OF_USER}/enterprise_accounts")),
            _of_user("trusted_devices", Operation("POST", f"{OF_USER}/trusted_devices"), "name"),
            _of_user("passkeys", Operation("POST", f"{OF_USER}/passkeys"), "name"),
            SUBSCRIPTIONS,
        ),
    ),
    Section(
        "organizations",
        Operation("POST", "/v1/organizations"),
        refs={"created_by": Ref("users", "created_by")},
        children=(
            Section(
                "members",
                Operation("POST", "/v1/organizations/{organization_id}/memberships"),
                owner="organization_id",
                refs={"user": USER},
            ),
            Section(
                "invitations",
                Operation("POST", "/v1/organizations/{organization_id}/invitations"),
                owner="organization_id",
                refs={"inviter": Ref("users", "inviter_user_id")},
            ),
            Section(
                "domains",
                Operation("POST", "/v1/organizations/{organization_id}/domains"),
                owner="organization_id",
                plain="name",
            ),
            SUBSCRIPTIONS,
        ),
    ),
    Section(
        "sessions",
        Operation("POST", "/v1/sessions"),
        plain="user",
        refs={"user": USER, "organization": Ref("organizations", "active_organization_id")},
    ),
    Section("invitations", Operation("POST", "/v1/invitations"), plain="email_address"),
    Section("waitlist", Operation("POST", "/v1/waitlist_entries"), plain="email_address"),
    Section(
        "machines",
        Operation("POST", "/v1/machines"),
        plain="name",
        refs={"scoped_machines": Ref("machines", "scoped_machines")},
    ),
    Section("oauth_applications", Operation("POST", "/v1/oauth_applications")),
    Section(
        "enterprise_connections",
        Operation("POST", "/v1/enterprise_connections"),
        refs={"organization": Ref("organizations", "organization_id")},
    ),
    Section("domains", Operation("POST", "/v1/domains")),
    Section(
        "api_keys",
        Operation("POST", "/v1/api_keys"),
        refs={"user": Ref("users", "subject"), "organization": Ref("organizations", "subject")},
    ),
)


def offered_sections(sections: tuple[Section, ...] = SECTIONS) -> dict[str, Section]:
    """Return the sections whose operation this fake has, by name, in the order of making."""
    return {section.name: section for section in sections if section.offered}
