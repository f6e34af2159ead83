"""Everything that Clerk describes, asked for by Clerk's official Node client."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from walking.callers import ByHand
from walking.node_client import NodeClient
from walking.node_methods import NODE_METHODS, UNDESCRIBED
from walking.node_process import NodeProcess, NodeUnavailableError, install
from walking.progress import TAGS, walk

if TYPE_CHECKING:
    from conftest import InstanceInfo


@pytest.fixture(scope="module")
def node() -> Iterator[NodeProcess]:
    try:
        folder = install()
    except NodeUnavailableError as unavailable:
        pytest.skip(str(unavailable))
    with NodeProcess(folder) as process:
        yield process


@pytest.fixture
def options(instance: "InstanceInfo") -> dict[str, str]:
    return {
        "secretKey": instance.secret_key,
        "publishableKey": instance.publishable_key,
        "apiUrl": instance.api_url.removesuffix("/v1"),
    }


@pytest.fixture
def client(node: NodeProcess, options: dict[str, str], by_hand: ByHand) -> NodeClient:
    return NodeClient(node, options, by_hand)


@pytest.mark.parametrize("tag", TAGS)
def test_everything_can_be_asked_by_the_official_node_client(tag: str, client: NodeClient) -> None:
    walk(tag, client)

    assert client.faults == []
    assert client.uncalled(tag) == []


def test_every_method_of_the_official_node_client_is_known(
    node: NodeProcess, options: dict[str, str]
) -> None:
    methods = set(node.do("methods", options=options)["result"])

    known = {method.split("(")[0] for method in NODE_METHODS.values()} | set(UNDESCRIBED)
    assert methods == known
    assert len(methods) > 190


@pytest.fixture
def token(bapi: httpx.Client) -> dict[str, str]:
    user = bapi.post("/users", json={"email_address": ["ada@example.com"]}).json()
    session = bapi.post("/sessions", json={"user_id": user["id"]}).json()
    jwt = bapi.post(f"/sessions/{session['id']}/tokens").json()["jwt"]
    return {"jwt": jwt, "user_id": user["id"], "session_id": session["id"]}


def test_a_session_token_is_verified_without_network_and_by_the_jwks(
    node: NodeProcess, instance: "InstanceInfo", options: dict[str, str], token: dict[str, str]
) -> None:
    offline = {"jwtKey": instance.public_key_pem}
    online = {"secretKey": options["secretKey"], "apiUrl": options["apiUrl"]}

    for how, requests in ((offline, 0), (online, 1)):
        answer = node.do("verifyToken", token=token["jwt"], options=how)
        assert answer["result"]["sub"] == token["user_id"], answer
        assert answer["result"]["sid"] == token["session_id"]
        assert len(answer["overheard"]) == requests


def test_a_tampered_token_is_refused(
    node: NodeProcess, instance: "InstanceInfo", token: dict[str, str]
) -> None:
    tampered = token["jwt"][:-4] + "AAAA"

    answer = node.do("verifyToken", token=tampered, options={"jwtKey": instance.public_key_pem})

    assert answer["error"]["reason"] == "token-invalid-signature"


@pytest.mark.parametrize("offline", [True, False])
def test_a_request_is_authenticated(
    node: NodeProcess,
    instance: "InstanceInfo",
    options: dict[str, str],
    token: dict[str, str],
    *,
    offline: bool,
) -> None:
    how = {"jwtKey": instance.public_key_pem} if offline else {}
    url = "http://127.0.0.1/api"
    headers = {"authorization": f"Bearer {token['jwt']}"}

    state = node.do("authenticateRequest", options=options, url=url, headers=headers, how=how)
    nobody = node.do("authenticateRequest", options=options, url=url, headers={}, how=how)

    assert state["result"]["isAuthenticated"], state
    assert state["result"]["userId"] == token["user_id"]
    assert not nobody["result"]["isAuthenticated"]


def test_a_session_is_verified_by_the_node_client(
    node: NodeProcess, options: dict[str, str], token: dict[str, str]
) -> None:
    args = [token["session_id"], token["jwt"]]

    answer = node.do("call", options=options, method="sessions.verifySession", args=args)

    assert answer["result"]["userId"] == token["user_id"], answer


@pytest.fixture
def mill(bapi: httpx.Client) -> dict[str, str]:
    """A machine that may talk to a press; with the keys of both."""
    press = bapi.post("/machines", json={"name": "press"}).json()
    made = bapi.post("/machines", json={"name": "mill", "scoped_machines": [press["id"]]}).json()
    return {"id": made["id"], "key": made["secret_key"], "press_key": press["secret_key"]}


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_an_m2m_token_authenticates_a_request_to_the_other_machine(
    node: NodeProcess, options: dict[str, str], mill: dict[str, str], form: str
) -> None:
    args = [{"machineSecretKey": mill["key"], "tokenFormat": form, "claims": {"shift": 2}}]
    made = node.do("call", options=options, method="m2m.createToken", args=args)["result"]
    how = {"acceptsToken": "m2m_token", "machineSecretKey": mill["press_key"]}

    state = _authenticated(node, options, made["token"], how)
    wrong = _authenticated(node, options, made["token"], {"acceptsToken": "api_key"})

    assert state["isAuthenticated"], state
    assert (state["tokenType"], state["auth"]["machineId"]) == ("m2m_token", mill["id"])
    assert state["auth"]["claims"] == {"shift": 2}
    assert not wrong["isAuthenticated"]


def test_an_m2m_token_for_others_or_revoked_authenticates_nothing(
    node: NodeProcess, options: dict[str, str], mill: dict[str, str]
) -> None:
    args = [{"machineSecretKey": mill["key"]}]
    made = node.do("call", options=options, method="m2m.createToken", args=args)["result"]
    how = {"acceptsToken": "m2m_token", "machineSecretKey": mill["press_key"]}
    own = {**how, "machineSecretKey": mill["key"]}
    unknown = {**how, "machineSecretKey": "ak_unknown"}

    assert _authenticated(node, options, made["token"], own)["reason"] == "token-invalid"
    refused = _authenticated(node, options, made["token"], unknown)
    assert refused["reason"] == "secret-key-invalid"
    args = [{"m2mTokenId": made["id"]}]
    assert node.do("call", options=options, method="m2m.revokeToken", args=args)["result"]
    assert _authenticated(node, options, made["token"], how)["reason"] == "token-invalid"


@pytest.mark.parametrize("owner", ["user", "organization"])
def test_an_api_key_authenticates_a_request_until_it_is_revoked(
    node: NodeProcess,
    options: dict[str, str],
    token: dict[str, str],
    bapi: httpx.Client,
    owner: str,
) -> None:
    subject = token["user_id"]
    if owner == "organization":
        body = {"name": "Acme", "created_by": subject}
        subject = bapi.post("/organizations", json=body).json()["id"]
    args = [{"name": "Mill", "subject": subject, "scopes": ["read"], "claims": {"shift": 2}}]
    made = node.do("call", options=options, method="apiKeys.create", args=args)["result"]
    how = {"acceptsToken": "api_key"}

    state = _authenticated(node, options, made["secret"], how)
    bapi.post(f"/api_keys/{made['id']}/revoke", json={}).raise_for_status()
    later = _authenticated(node, options, made["secret"], how)

    assert state["isAuthenticated"], state
    assert state["tokenType"] == "api_key"
    assert (state["auth"]["scopes"], state["auth"]["claims"]) == (["read"], {"shift": 2})
    ids = {"user": state["auth"]["userId"], "organization": state["auth"]["orgId"]}
    assert ids == {"user": None, "organization": None, owner: subject}
    assert (later["isAuthenticated"], later["reason"]) == (False, "token-invalid")


@pytest.fixture(params=["opaque", "jwt"])
def oauth_token(
    request: pytest.FixtureRequest, by_hand: ByHand, token: dict[str, str]
) -> dict[str, str]:
    """An access token of either form, with whose it is."""
    application = by_hand("CreateOAuthApplication", body={"name": "Mill"})
    body = {"oauth_application_id": application["id"], "user_id": token["user_id"]}
    made = by_hand.prepare("POST", "/oauth_tokens", {**body, "token_format": request.param})
    return {**made, "client_id": application["client_id"], "application_id": application["id"]}


def test_an_oauth_access_token_authenticates_a_request(
    node: NodeProcess,
    options: dict[str, str],
    token: dict[str, str],
    oauth_token: dict[str, str],
    by_hand: ByHand,
) -> None:
    how = {"acceptsToken": "oauth_token"}
    state = _authenticated(node, options, oauth_token["access_token"], how)
    session = _authenticated(node, options, token["jwt"], how)

    assert state["isAuthenticated"], state
    assert state["tokenType"] == "oauth_token"
    assert state["auth"]["userId"] == token["user_id"]
    assert state["auth"]["clientId"] == oauth_token["client_id"]
    assert state["auth"]["scopes"] == ["profile", "email"]
    assert not session["isAuthenticated"]
    if oauth_token["access_token"].startswith("oat_"):
        body = {"token": oauth_token["access_token"]}
        by_hand("RevokeOAuthApplicationToken", oauth_token["application_id"], body=body)
        later = _authenticated(node, options, oauth_token["access_token"], how)
        assert (later["isAuthenticated"], later["reason"]) == (False, "token-invalid")


def _authenticated(
    node: NodeProcess, options: dict[str, str], token: str, how: dict[str, str]
) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    url = "http://127.0.0.1/api"
    answer = node.do("authenticateRequest", options=options, url=url, headers=headers, how=how)
    state: dict[str, Any] = answer["result"]
    return state
