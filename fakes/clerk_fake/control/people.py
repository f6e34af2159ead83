"""What only a front end or an identity provider can give a user, planted by a test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications.commands import Claim, Wish, add_identification
from clerk_fake.model.identifications.entity import Standing, Web3Wallet
from clerk_fake.model.identifications.kinds import WEB3_WALLETS
from clerk_fake.model.identifications.resource import web3_wallet_resource
from clerk_fake.model.trusted_devices import (
    TRUSTED_DEVICES,
    TrustedDeviceDraft,
    enrol_trusted_device,
)
from clerk_fake.model.users.accounts import (
    enterprise_account_resource,
    external_account_resource,
    passkey_resource,
)
from clerk_fake.model.users.connecting import (
    EnterpriseAccountDraft,
    ExternalAccountDraft,
    connect_enterprise_account,
    connect_external_account,
)
from clerk_fake.model.users.entity import User, require_user
from clerk_fake.model.users.passkeys import PasskeyDraft, add_passkey
from clerk_fake.model.users.second_factors import totp_code

__all__ = ["ROUTES"]

F = TypeVar("F")
Command: TypeAlias = Callable[[Instance, User, F, Origin], Any]

USER: Final = "/__fake__/instances/{instance_id}/users/{user_id}"


@dataclass(frozen=True, slots=True)
class _WalletDraft:
    web3_wallet: str
    strategy: str = "web3_metamask_signature"


def _add_wallet(instance: Instance, user: User, draft: _WalletDraft, origin: Origin) -> Web3Wallet:
    claim = Claim(WEB3_WALLETS, draft.web3_wallet, Standing.VERIFIED, draft.strategy)
    wallet = add_identification(instance, user, claim, Wish(), origin).identification
    if not isinstance(wallet, Web3Wallet):
        raise TypeError(f"{wallet} is no wallet")
    return wallet


def _planted(
    path: str, form: type[F], command: Command[F], resource: Callable[[Any], JsonObject]
) -> ControlRoute:
    def answer(call: ControlCall) -> Response:
        user = require_user(call.instance, call.param("user_id"))
        draft = read_form(form, call.request.fields())
        planted = command(call.instance, user, draft, call.request.origin)
        return json_response(resource(planted), 201)

    return Route("POST", f"{USER}/{path}", answer)


def _enrol_device(call: ControlCall) -> Response:
    instance = call.instance
    user = require_user(instance, call.param("user_id"))
    draft = read_form(TrustedDeviceDraft, call.request.fields())
    device = enrol_trusted_device(instance, user, draft, call.request.origin)
    return json_response(TRUSTED_DEVICES.resource(instance, device), 201)


def _totp(call: ControlCall) -> Response:
    user = require_user(call.instance, call.param("user_id"))
    if user.totp_secret is None:
        raise ApiError.not_found("authenticator app of user", user.id)
    code = totp_code(user.totp_secret, call.instance.clock.now_ms())
    return json_response({"secret": user.totp_secret, "code": code})


ROUTES: Final[tuple[ControlRoute, ...]] = (
    _planted(
        "external_accounts",
        ExternalAccountDraft,
        connect_external_account,
        external_account_resource,
    ),
    _planted(
        "enterprise_accounts",
        EnterpriseAccountDraft,
        connect_enterprise_account,
        enterprise_account_resource,
    ),
    _planted("passkeys", PasskeyDraft, add_passkey, passkey_resource),
    _planted("web3_wallets", _WalletDraft, _add_wallet, web3_wallet_resource),
    Route("POST", f"{USER}/trusted_devices", _enrol_device),
    Route("GET", f"{USER}/totp", _totp),
)
