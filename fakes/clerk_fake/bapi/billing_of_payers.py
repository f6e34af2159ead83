"""``/v1/users/{user_id}/billing`` and ``/v1/organizations/{organization_id}/billing``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from clerk_fake.bapi.billing import current
from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.model.billing.credits import (
    Adjustment,
    adjust_credits,
    balance_resource,
    ledger_resource,
)
from clerk_fake.model.billing.payers import Payer, become_payer
from clerk_fake.model.billing.plans import PayerType
from clerk_fake.model.billing.resources import subscription_resource
from clerk_fake.model.billing.subscriptions import subscription_of
from clerk_fake.model.organizations.resource import require_organization
from clerk_fake.model.users.entity import require_user
from clerk_fake.state import Entity

__all__ = ["ROUTES"]


@dataclass(frozen=True, slots=True)
class _Payers:
    """One kind of payer, and where its billing is."""

    path: str
    param: str
    payer_type: PayerType
    require: Callable[[Instance, str], Entity]

    def routes(self) -> Iterator[BapiRoute]:
        """Yield the three operations."""
        yield Route("GET", f"{self.path}/subscription", current(self._subscription))
        yield Route("GET", f"{self.path}/credits", self._balance)
        yield Route("POST", f"{self.path}/credits", self._adjust)

    def _called(self, call: Call) -> Payer:
        owner_id = call.param(self.param)
        owner = self.require(call.instance, owner_id)
        return become_payer(call.instance, owner.id, self.payer_type, call.origin)

    def _subscription(self, call: Call) -> Response:
        payer = self._called(call)
        subscription = subscription_of(call.instance, payer, call.origin)
        resource = subscription_resource(
            call.instance, subscription, eligible_for_free_trial=not payer.trial_used
        )
        return json_response(resource)

    def _balance(self, call: Call) -> Response:
        return json_response(balance_resource(self._called(call)))

    def _adjust(self, call: Call) -> Response:
        payer = self._called(call)
        wanted = read_form(Adjustment, call.request.fields())
        return json_response(ledger_resource(adjust_credits(call.instance, payer, wanted)))


USERS: Final = _Payers("/v1/users/{user_id}/billing", "user_id", PayerType.USER, require_user)
ORGANIZATIONS: Final = _Payers(
    "/v1/organizations/{organization_id}/billing",
    "organization_id",
    PayerType.ORG,
    require_organization,
)

ROUTES: Final[tuple[BapiRoute, ...]] = (*USERS.routes(), *ORGANIZATIONS.routes())
