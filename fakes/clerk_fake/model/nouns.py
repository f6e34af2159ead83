"""All nouns of the model: one line each, so that snapshots know them."""

from typing import Any, Final

from clerk_fake.model.actor_tokens import ACTOR_TOKENS
from clerk_fake.model.admin_portal_link_tokens import LINK_TOKENS
from clerk_fake.model.agent_tasks import AGENT_TASKS
from clerk_fake.model.api_keys.entity import API_KEYS
from clerk_fake.model.background_tasks import BACKGROUND_TASKS
from clerk_fake.model.billing.credits import LEDGER
from clerk_fake.model.billing.discounts import DISCOUNTS, REDEMPTIONS
from clerk_fake.model.billing.items import ITEMS
from clerk_fake.model.billing.payers import PAYERS
from clerk_fake.model.billing.payments import ATTEMPTS, STATEMENTS
from clerk_fake.model.billing.plans import PLANS
from clerk_fake.model.billing.prices import PRICES
from clerk_fake.model.billing.subscriptions import SUBSCRIPTIONS
from clerk_fake.model.clients import CLIENTS
from clerk_fake.model.connections.entity import CONNECTIONS
from clerk_fake.model.connections.trials import RUNS
from clerk_fake.model.directories.entity import DIRECTORIES
from clerk_fake.model.directories.mappings import MAPPINGS
from clerk_fake.model.domains.entity import DOMAINS
from clerk_fake.model.domains.proxies import PROXY_CHECKS
from clerk_fake.model.images import IMAGES
from clerk_fake.model.invitations.entity import INVITATIONS
from clerk_fake.model.jwt_templates.entity import JWT_TEMPLATES
from clerk_fake.model.m2m_tokens.entity import M2M_TOKENS
from clerk_fake.model.machines.entity import MACHINE_SCOPES, MACHINES
from clerk_fake.model.mailbox import EMAILS, SMS_MESSAGES
from clerk_fake.model.memberships.entity import MEMBERSHIP_NOUN
from clerk_fake.model.oauth_applications.entity import OAUTH_APPLICATIONS
from clerk_fake.model.oauth_tokens.entity import OAUTH_GRANTS, OAUTH_TOKENS
from clerk_fake.model.organization_domains.entity import DOMAIN_NOUN
from clerk_fake.model.organization_domains.suggestions import SUGGESTIONS
from clerk_fake.model.organization_invitations.entity import INVITATION_NOUN
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN
from clerk_fake.model.portal_tokens import PORTAL_TOKENS
from clerk_fake.model.redirect_urls import REDIRECT_URLS
from clerk_fake.model.restrictions.lists import ALLOWLIST, BLOCKLIST
from clerk_fake.model.role_sets.entity import ROLE_SETS
from clerk_fake.model.roles.entity import ROLES
from clerk_fake.model.roles.permissions import PERMISSIONS
from clerk_fake.model.sessions.entity import SESSIONS
from clerk_fake.model.settings.entity import SETTINGS
from clerk_fake.model.sign_in_tokens import SIGN_IN_TOKENS
from clerk_fake.model.sign_ups.entity import SIGN_UPS
from clerk_fake.model.svix_apps import SVIX_APPS
from clerk_fake.model.templates.entity import TEMPLATES
from clerk_fake.model.testing_tokens import TESTING_TOKENS
from clerk_fake.model.trusted_devices import TRUSTED_DEVICES
from clerk_fake.model.users.entity import USERS
from clerk_fake.model.verifications import VERIFICATIONS
from clerk_fake.model.waitlist.entity import WAITLIST
from clerk_fake.state import Noun
from clerk_fake.webhooks.idempotency import IDEMPOTENT_ANSWERS

__all__ = ["NOUNS"]

NOUNS: Final[tuple[Noun[Any], ...]] = (
    MACHINES.noun,
    MACHINE_SCOPES.noun,
    M2M_TOKENS.noun,
    API_KEYS.noun,
    OAUTH_APPLICATIONS.noun,
    OAUTH_GRANTS.noun,
    OAUTH_TOKENS.noun,
    SETTINGS,
    USERS,
    SESSIONS,
    CLIENTS.noun,
    SIGN_IN_TOKENS.noun,
    ACTOR_TOKENS.noun,
    TESTING_TOKENS.noun,
    SIGN_UPS.noun,
    JWT_TEMPLATES.noun,
    IMAGES,
    VERIFICATIONS,
    TRUSTED_DEVICES.noun,
    EMAILS.noun,
    SMS_MESSAGES.noun,
    REDIRECT_URLS.noun,
    CONNECTIONS.noun,
    RUNS.noun,
    DIRECTORIES.noun,
    MAPPINGS,
    AGENT_TASKS.noun,
    LINK_TOKENS.noun,
    PLANS.noun,
    PRICES.noun,
    PAYERS.noun,
    SUBSCRIPTIONS,
    ITEMS,
    DISCOUNTS.noun,
    REDEMPTIONS,
    LEDGER,
    STATEMENTS,
    ATTEMPTS,
    INVITATIONS.noun,
    WAITLIST.noun,
    DOMAINS.noun,
    PROXY_CHECKS.noun,
    SVIX_APPS,
    PORTAL_TOKENS,
    BACKGROUND_TASKS,
    IDEMPOTENT_ANSWERS,
    TEMPLATES.noun,
    ALLOWLIST.noun,
    BLOCKLIST.noun,
    PERMISSIONS.noun,
    ROLES.noun,
    ROLE_SETS.noun,
    ORGANIZATION_NOUN,
    MEMBERSHIP_NOUN,
    INVITATION_NOUN,
    DOMAIN_NOUN,
    SUGGESTIONS,
)
