"""``/v1/sign_ups``: get, update."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.model.sign_ups.commands import change_sign_up
from clerk_fake.model.sign_ups.entity import SIGN_UPS
from clerk_fake.model.sign_ups.forms import SignUpChange

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/sign_ups", "id", SIGN_UPS)

ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.get(),
    COLLECTION.update(SignUpChange, change_sign_up),
)
