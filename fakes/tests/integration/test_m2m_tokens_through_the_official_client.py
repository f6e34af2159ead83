import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import (
    ClerkBaseError,
    CreateM2MTokenResponseBody,
    MachineCreated,
    SDKError,
    TokenFormat,
)
from clerk_backend_api.security import VerifyTokenOptions, verify_token
from clerk_backend_api.security.types import TokenVerificationError
from conftest import InstanceInfo, ServerInfo

NOBODY = "mch_000000000000000000000000000"


@pytest.fixture
def as_machine(instance: InstanceInfo) -> Iterator[Callable[[MachineCreated], Clerk]]:
    """The Backend API with the secret key of a machine."""
    with ExitStack() as clients:
        yield lambda machine: clients.enter_context(
            Clerk(bearer_auth=machine.secret_key, server_url=instance.api_url)
        )


@pytest.fixture
def press(clerk: Clerk) -> MachineCreated:
    """Whoever is talked to."""
    return _machine(clerk, "Press")


@pytest.fixture
def mill(clerk: Clerk, press: MachineCreated) -> MachineCreated:
    """Whoever may talk to the press."""
    return _machine(clerk, "Mill", press.id)


def _machine(clerk: Clerk, name: str, *scoped: str) -> MachineCreated:
    made = clerk.machines.create(request={"name": name, "scoped_machines": list(scoped)})
    assert made is not None
    return made


def _statuses(client: Clerk, tokens: list[CreateM2MTokenResponseBody]) -> list[int]:
    found = []
    for token in tokens:
        try:
            client.m2m.verify_token(token=token.token)
            found.append(200)
        except ClerkBaseError as refusal:
            found.append(refusal.status_code)
    return found


Machines = Callable[[MachineCreated], Clerk]


def test_a_token_proves_to_the_other_machine_who_it_is(
    as_machine: Machines, mill: MachineCreated, press: MachineCreated
) -> None:
    made = as_machine(mill).m2m.create_token(claims={"shift": 2})
    seen = as_machine(press).m2m.verify_token(token=made.token)

    assert made.token.startswith("mt_")
    assert made.token != made.id
    assert (seen.id, seen.subject, seen.scopes) == (made.id, mill.id, [press.id])
    assert seen.claims == {"shift": 2}
    assert (seen.revoked, seen.expired) == (False, False)
    assert seen.expiration == made.created_at + 3_600_000
    assert made.last_used_at is None
    assert seen.last_used_at is not None


def test_scopes_say_who_may_verify_and_are_those_of_the_time_of_making(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, press: MachineCreated
) -> None:
    stranger = _machine(clerk, "Stranger")
    before = as_machine(mill).m2m.create_token()
    clerk.machines.create_scope(machine_id=mill.id, to_machine_id=stranger.id)
    clerk.machines.delete_scope(machine_id=mill.id, other_machine_id=press.id)
    after = as_machine(mill).m2m.create_token()

    assert _statuses(as_machine(press), [before, after]) == [200, 404]
    assert _statuses(as_machine(stranger), [before, after]) == [404, 200]
    assert _statuses(as_machine(mill), [before, after]) == [404, 404]
    assert _statuses(clerk, [before, after]) == [200, 200]


def test_a_token_expires_on_the_instances_clock(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    clerk.machines.update(machine_id=mill.id, default_token_ttl=100)
    usual = as_machine(mill).m2m.create_token()
    brief = as_machine(mill).m2m.create_token(seconds_until_expiration=0.5)

    assert _statuses(clerk, [usual, brief]) == [200, 200]
    control.post("/clock/advance", json={"seconds": 1})
    assert _statuses(clerk, [usual, brief]) == [200, 404]
    control.post("/clock/advance", json={"seconds": 99})
    assert _statuses(clerk, [usual, brief]) == [404, 404]


def test_a_revoked_token_proves_nothing(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, press: MachineCreated
) -> None:
    first, second = (as_machine(mill).m2m.create_token() for _ in range(2))

    with pytest.raises(ClerkBaseError) as refusal:
        as_machine(press).m2m.revoke_token(m2m_token_id=first.id)
    assert refusal.value.status_code == 404
    own = as_machine(mill).m2m.revoke_token(m2m_token_id=first.id, revocation_reason="lost")
    assert (own.revoked, own.revocation_reason) == (True, "lost")
    again = clerk.m2m.revoke_token(m2m_token_id=first.id, revocation_reason="found")
    assert again == own

    assert _statuses(clerk, [first, second]) == [404, 200]


def test_tokens_are_listed_by_machine_without_those_that_are_no_good(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    client = as_machine(mill)
    good, bad = client.m2m.create_token(), client.m2m.create_token()
    old = client.m2m.create_token(seconds_until_expiration=1)
    client.m2m.create_token(token_format=TokenFormat.JWT)
    clerk.m2m.revoke_token(m2m_token_id=bad.id)
    control.post("/clock/advance", json={"seconds": 1})

    def ids(client: Clerk, **query: Any) -> list[str]:
        page = client.m2m.list_tokens(subject=mill.id, **query)
        return [token.id for token in page.m2m_tokens]

    assert ids(client) == ids(clerk) == [good.id]
    assert ids(client, revoked=True) == [bad.id, good.id]
    assert ids(client, expired=True) == [old.id, good.id]
    assert ids(clerk, revoked=True, expired=True) == [old.id, bad.id, good.id]
    page = clerk.m2m.list_tokens(subject=mill.id, revoked=True, expired=True, limit=1, offset=1)
    assert ([token.id for token in page.m2m_tokens], page.total_count) == ([bad.id], 3)


def test_a_machine_sees_its_own_tokens_only(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, press: MachineCreated
) -> None:
    for client, subject, status in (
        (as_machine(press), mill.id, 403),
        (clerk, NOBODY, 404),
        (clerk, "mill", 400),
    ):
        with pytest.raises(ClerkBaseError) as refusal:
            client.m2m.list_tokens(subject=subject)
        assert refusal.value.status_code == status


def test_only_a_machine_makes_tokens(clerk: Clerk) -> None:
    with pytest.raises(SDKError) as refusal:
        clerk.m2m.create_token()

    assert refusal.value.status_code == 401


def test_a_token_that_lives_long_enough_is_given_again(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    client = as_machine(mill)
    first = client.m2m.create_token(claims={"a": 1}, seconds_until_expiration=100)

    def again(**wanted: Any) -> CreateM2MTokenResponseBody:
        return client.m2m.create_token(
            **{"claims": {"a": 1}, "min_remaining_ttl_seconds": 60, **wanted}
        )

    assert again() == first
    assert again(claims={"a": 2}).id != first.id
    control.post("/clock/advance", json={"seconds": 40})
    assert again() == first
    control.post("/clock/advance", json={"seconds": 1})
    other = again()
    assert other.id != first.id
    clerk.m2m.revoke_token(m2m_token_id=other.id)
    assert again().id not in {first.id, other.id}


def test_a_jwt_is_signed_for_its_machine_and_kept_nowhere(
    clerk: Clerk,
    as_machine: Machines,
    mill: MachineCreated,
    press: MachineCreated,
    instance: InstanceInfo,
) -> None:
    made = as_machine(mill).m2m.create_token(
        token_format=TokenFormat.JWT, claims={"shift": 2}, seconds_until_expiration=60
    )
    claims = jwt.decode(made.token, instance.public_key_pem, algorithms=["RS256"])

    assert jwt.get_unverified_header(made.token)["cat"] == "cl_B7d4PD333AAA"
    assert claims["sub"] == mill.id
    assert claims["iss"] == instance.issuer
    assert claims["jti"] == made.id
    assert claims["shift"] == 2
    assert claims["exp"] * 1000 == made.expiration
    assert clerk.m2m.list_tokens(subject=mill.id).m2m_tokens == []
    for client in (clerk, as_machine(press)):
        seen = client.m2m.verify_token(token=made.token)
        assert (seen.id, seen.subject, seen.claims) == (made.id, mill.id, {"shift": 2})
    assert _statuses(as_machine(mill), [made]) == [404]
    with pytest.raises(ClerkBaseError) as refusal:
        clerk.m2m.revoke_token(m2m_token_id=made.id)
    assert refusal.value.status_code == 404


def test_a_jwt_that_is_old_forged_or_no_m2m_token_proves_nothing(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, control: httpx.Client
) -> None:
    made = as_machine(mill).m2m.create_token(token_format=TokenFormat.JWT)
    head, payload, signature = made.token.split(".")
    user = clerk.users.create(email_address=["ada@example.com"])
    assert user is not None
    session = clerk.sessions.create(request={"user_id": user.id})
    odd = control.post("/tokens", json={"session_id": session.id, "claims": {"sub": mill.id}})
    forged = [f"{head}.{payload}.{signature[::-1]}", f"{head}.{payload}.", "a.b.c", "..", "é.é.é"]

    for token in (*forged, odd.json()["jwt"]):
        with pytest.raises(ClerkBaseError) as refusal:
            clerk.m2m.verify_token(token=token)
        assert refusal.value.status_code == 404
    assert _statuses(clerk, [made]) == [200]
    control.post("/clock/advance", json={"seconds": 3600})
    assert _statuses(clerk, [made]) == [404]


@pytest.mark.parametrize(
    "body",
    [
        {"seconds_until_expiration": 0},
        {"seconds_until_expiration": -1},
        {"seconds_until_expiration": "soon"},
        {"token_format": "paper"},
        {"min_remaining_ttl_seconds": 3600},
        {"min_remaining_ttl_seconds": 10, "seconds_until_expiration": 10},
        {"min_remaining_ttl_seconds": -1},
        {"token_format": "jwt", "claims": [1]},
        {"token_format": "jwt", "claims": {"sub": "me"}},
        {"colour": "red"},
    ],
)
def test_a_senseless_token_is_a_bad_request(
    instance: InstanceInfo, mill: MachineCreated, body: dict[str, Any]
) -> None:
    headers = {"authorization": f"Bearer {mill.secret_key}"}

    refusal = httpx.post(f"{instance.api_url}/m2m_tokens", json=body, headers=headers)

    assert refusal.status_code == 400


def test_an_id_that_cannot_be_a_tokens_is_a_bad_request(bapi: httpx.Client) -> None:
    assert bapi.post("/m2m_tokens/mt_1/revoke", json={}).status_code == 400
    assert bapi.post(f"/m2m_tokens/mt_{'0' * 32}/revoke", json={}).status_code == 404


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the verifier's own connections
def test_the_official_verifier_asks_without_version_and_with_either_key(
    server: ServerInfo,
    instance: InstanceInfo,
    as_machine: Machines,
    mill: MachineCreated,
    press: MachineCreated,
) -> None:
    made = as_machine(mill).m2m.create_token()

    by_instance = VerifyTokenOptions(api_url=server.url, secret_key=instance.secret_key)
    by_machine = VerifyTokenOptions(api_url=server.url, machine_secret_key=press.secret_key)
    by_stranger = VerifyTokenOptions(api_url=server.url, machine_secret_key=mill.secret_key)

    assert verify_token(made.token, by_instance)["subject"] == mill.id
    assert verify_token(made.token, by_machine)["subject"] == mill.id
    with pytest.raises(TokenVerificationError):
        verify_token(made.token, by_stranger)
    gc.collect()


def test_tokens_of_a_deleted_machine_prove_nothing_and_are_forgotten(
    clerk: Clerk, as_machine: Machines, mill: MachineCreated, control: httpx.Client
) -> None:
    tokens = [as_machine(mill).m2m.create_token(token_format=form) for form in TokenFormat]

    clerk.machines.delete(machine_id=mill.id)

    assert _statuses(clerk, tokens) == [404, 404]
    assert control.get("/snapshot").json()["state"]["m2m_tokens"] == []


def test_a_token_of_another_instance_proves_nothing(
    as_machine: Machines, mill: MachineCreated, http: httpx.Client
) -> None:
    made = as_machine(mill).m2m.create_token()
    other = http.post("/__fake__/instances").json()

    with Clerk(bearer_auth=other["secret_key"], server_url=other["api_url"]) as stranger:
        assert _statuses(stranger, [made]) == [404]
    http.delete(f"/__fake__/instances/{other['instance_id']}")


def test_a_fault_of_the_instance_strikes_its_machines(
    as_machine: Machines, mill: MachineCreated, control: httpx.Client
) -> None:
    client = as_machine(mill)
    control.post("/faults", json={"kind": "rate_limit", "times": 1}).raise_for_status()

    with pytest.raises(ClerkBaseError) as refusal:
        client.m2m.create_token()

    assert refusal.value.status_code == 429
    assert client.m2m.create_token()


def test_machines_count_towards_the_limits_of_their_instance(
    as_machine: Machines, mill: MachineCreated, control: httpx.Client
) -> None:
    control.put("/limits", json={"requests_per_10s": 1}).raise_for_status()

    statuses = []
    for _ in range(2):
        try:
            as_machine(mill).m2m.create_token()
            statuses.append(201)
        except ClerkBaseError as refusal:
            statuses.append(refusal.status_code)

    assert statuses == [201, 429]
