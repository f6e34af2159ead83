"""The event types that Clerk sends (webhooks API of 2025-04-15)."""

from typing import Final

__all__ = [
    "EVENT_TYPES",
    "SESSION_CREATED",
    "SESSION_ENDED",
    "SESSION_REMOVED",
    "SESSION_REVOKED",
    "USER_CREATED",
    "USER_DELETED",
    "USER_UPDATED",
]

USER_CREATED: Final = "user.created"
USER_UPDATED: Final = "user.updated"
USER_DELETED: Final = "user.deleted"
SESSION_CREATED: Final = "session.created"
SESSION_ENDED: Final = "session.ended"
SESSION_REMOVED: Final = "session.removed"
SESSION_REVOKED: Final = "session.revoked"

_OTHERS: Final = """
email.created sms.created session.pending
organization.created organization.updated organization.deleted
organizationDomain.created organizationDomain.updated organizationDomain.deleted
organizationInvitation.created organizationInvitation.accepted organizationInvitation.revoked
organizationMembership.created organizationMembership.updated organizationMembership.deleted
permission.created permission.updated permission.deleted
role.created role.updated role.deleted
paymentAttempt.created paymentAttempt.updated
subscription.created subscription.updated subscription.active subscription.pastDue
subscriptionItem.abandoned subscriptionItem.active subscriptionItem.canceled
subscriptionItem.ended subscriptionItem.freeTrialEnding subscriptionItem.incomplete
subscriptionItem.pastDue subscriptionItem.upcoming subscriptionItem.updated
waitlistEntry.created waitlistEntry.updated
""".split()  # noqa: SIM905 - 38 quoted names would hide how they belong together

EVENT_TYPES: Final = frozenset(
    {
        USER_CREATED,
        USER_UPDATED,
        USER_DELETED,
        SESSION_CREATED,
        SESSION_ENDED,
        SESSION_REMOVED,
        SESSION_REVOKED,
        *_OTHERS,
    }
)
