"""Faults of Clerk's API through the harness: always healed, and never set in vain."""

import httpx
import jwt
import pytest

from clerk_harness.clerk import ClerkInstance, ClerkRefusedError, DidNotStrikeError


def _statuses(clerk: ClerkInstance, count: int) -> list[int]:
    headers = {"authorization": f"Bearer {clerk.keys.secret_key}"}
    with httpx.Client(base_url=clerk.keys.api_url, headers=headers, timeout=5) as client:
        return [client.get("/users/count").status_code for _ in range(count)]


def test_a_fault_is_on_inside_the_block_and_gone_after_it(clerk: ClerkInstance) -> None:
    with clerk.faults.server_error(502, path="/v1/users*", times=2) as fault:
        assert _statuses(clerk, 3) == [502, 502, 200]
        assert (fault.matched, fault.fired) == (2, 2)

    assert _statuses(clerk, 1) == [200]


def test_a_fault_is_healed_whatever_happens_inside(clerk: ClerkInstance) -> None:
    with pytest.raises(KeyError), clerk.faults.rate_limit():
        raise KeyError("the test failed")

    assert _statuses(clerk, 1) == [200]


def test_a_fault_that_struck_nothing_is_told_of(clerk: ClerkInstance) -> None:
    with (
        pytest.raises(DidNotStrikeError, match="latency struck none of the 1 requests"),
        clerk.faults.latency(0.01, probability=0),
    ):
        _statuses(clerk, 1)
    with clerk.faults.latency(0.01, may_miss=True):
        pass


def test_a_reset_heals_and_leaving_the_block_does_not_mind(clerk: ClerkInstance) -> None:
    with clerk.faults.rate_limit():
        clerk.reset()
        assert _statuses(clerk, 1) == [200]


def test_each_kind_can_be_set(clerk: ClerkInstance) -> None:
    ada = clerk.users.create("ada@example.com")
    session_id = clerk.sessions.create(ada)

    with clerk.faults.latency(0.01, jitter_s=0.01), clerk.faults.stale_reads(60):
        clerk.users.update(ada, first_name="Ada")
        assert clerk.users.get(ada).first_name is None
    assert clerk.users.get(ada).first_name == "Ada"
    with pytest.raises(httpx.TransportError), clerk.faults.connection_reset(body_share=0):
        clerk.users.get(ada)
    with clerk.faults.timeout(), pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{clerk.keys.api_url}/users", headers=_bearer(clerk), timeout=0.2)
    with clerk.faults.jwks_outage():
        assert httpx.get(clerk.keys.jwks_url).status_code == 503
    with clerk.faults.clock_skew(-3600), pytest.raises(jwt.ExpiredSignatureError):
        clerk.verify(clerk.sessions.token(session_id))


def _bearer(clerk: ClerkInstance) -> dict[str, str]:
    return {"authorization": f"Bearer {clerk.keys.secret_key}"}


def test_tokens_are_verified_by_the_key_that_signed_them(clerk: ClerkInstance) -> None:
    session_id = clerk.sessions.create(clerk.users.create("ada@example.com"))
    before = clerk.sessions.token(session_id)

    with clerk.faults.jwks_rotation(overlap_s=60):
        meanwhile = clerk.sessions.token(session_id)
        assert clerk.verify(before)["sid"] == clerk.verify(meanwhile)["sid"] == session_id

    with pytest.raises(jwt.InvalidTokenError, match="no key"):
        clerk.verify(meanwhile)


def test_all_faults_can_be_healed_at_once(clerk: ClerkInstance) -> None:
    with clerk.faults.rate_limit(may_miss=True), clerk.faults.latency(60, may_miss=True):
        clerk.faults.heal_all()
        assert _statuses(clerk, 1) == [200]


def test_limits_are_switched_on_and_off(clerk: ClerkInstance) -> None:
    clerk.limit(users=1)
    clerk.users.create("ada@example.com")

    with pytest.raises(ClerkRefusedError) as refusal:
        clerk.users.create("ben@example.com")
    assert (refusal.value.status, refusal.value.code) == (403, "user_quota_exceeded")
    clerk.limit(enabled=False)
    clerk.users.create("ben@example.com")
