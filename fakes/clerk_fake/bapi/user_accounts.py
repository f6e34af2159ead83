"""What connects a user with other systems: accounts, wallets, passkeys, devices."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_reading import called_user
from clerk_fake.errors import ApiError
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.identifications.commands import delete_identification
from clerk_fake.model.identifications.holding import require_identification
from clerk_fake.model.identifications.kinds import WEB3_WALLETS
from clerk_fake.model.trusted_devices import (
    TRUSTED_DEVICES,
    active_trusted_devices,
    revoke_trusted_device,
)
from clerk_fake.model.users.connecting import delete_external_account
from clerk_fake.model.users.oauth_tokens import oauth_access_tokens
from clerk_fake.model.users.passkeys import delete_passkey

__all__ = ["ROUTES"]


def _tokens(call: Call) -> Response:
    user = called_user(call)
    query = call.request.query()
    page = query.page()
    tokens = oauth_access_tokens(call.instance, user, call.param("provider"))
    if query.boolean("paginated"):
        return json_response({"data": page.cut(tokens), "total_count": len(tokens)})
    return json_response(page.cut(tokens))


def _delete_account(call: Call) -> Response:
    account_id = call.param("external_account_id")
    delete_external_account(call.instance, called_user(call), account_id, call.origin)
    return _deleted("external_account", account_id)


def _delete_wallet(call: Call) -> Response:
    user = called_user(call)
    wallet_id = call.param("web3_wallet_identification_id")
    owned = require_identification(call.instance, WEB3_WALLETS, wallet_id)
    if owned.owner.id != user.id:
        raise ApiError.not_found(WEB3_WALLETS.what, wallet_id)
    delete_identification(call.instance, owned, call.origin)
    return _deleted("web3_wallet", wallet_id)


def _delete_passkey(call: Call) -> Response:
    passkey_id = call.param("passkey_identification_id")
    delete_passkey(call.instance, called_user(call), passkey_id, call.origin)
    return _deleted("passkey", passkey_id)


def _devices(call: Call) -> Response:
    devices = active_trusted_devices(call.instance, called_user(call))
    rows = [TRUSTED_DEVICES.resource(call.instance, device) for device in devices]
    return json_response({"data": rows, "total_count": len(rows)})


def _revoke_device(call: Call) -> Response:
    user, device_id = called_user(call), call.param("trusted_device_id")
    device = revoke_trusted_device(call.instance, user, device_id, call.origin)
    return json_response(TRUSTED_DEVICES.resource(call.instance, device))


def _deleted(wire_name: str, entity_id: str) -> Response:
    return json_response({"object": wire_name, "id": entity_id, "deleted": True})


OF_USER: Final = "/v1/users/{user_id}"
ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", f"{OF_USER}/oauth_access_tokens/{{provider}}", _tokens),
    Route("DELETE", f"{OF_USER}/external_accounts/{{external_account_id}}", _delete_account),
    Route("DELETE", f"{OF_USER}/web3_wallets/{{web3_wallet_identification_id}}", _delete_wallet),
    Route("DELETE", f"{OF_USER}/passkeys/{{passkey_identification_id}}", _delete_passkey),
    Route("GET", f"{OF_USER}/trusted_devices", _devices),
    Route("DELETE", f"{OF_USER}/trusted_devices/{{trusted_device_id}}", _revoke_device),
)
