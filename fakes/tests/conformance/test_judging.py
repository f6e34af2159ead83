"""The judges themselves: what they let pass, and everything that they must not."""

import json
from typing import Any

import httpx
import pytest
from judging.descriptions import MISSING
from judging.exchanges import Exchange, Judge, judge_of
from judging.payloads import EventJudge, event_judge
from judging.wiretap import Wiretap

TRACE = "0" * 32
USER: dict[str, Any] = {
    "object": "user", "id": "user_1", "username": None, "first_name": None, "last_name": None,
    "has_image": False, "primary_email_address_id": None, "primary_phone_number_id": None,
    "primary_web3_wallet_id": None, "password_enabled": False, "two_factor_enabled": False,
    "totp_enabled": False, "backup_code_enabled": False, "email_addresses": [],
    "phone_numbers": [], "web3_wallets": [], "passkeys": [], "external_accounts": [],
    "saml_accounts": [], "enterprise_accounts": [], "public_metadata": {}, "external_id": None,
    "last_sign_in_at": None, "banned": False, "locked": False, "lockout_expires_in_seconds": None,
    "verification_attempts_remaining": None, "created_at": 1, "updated_at": 1,
    "delete_self_enabled": True, "create_organization_enabled": True, "last_active_at": None,
    "mfa_enabled_at": None, "mfa_disabled_at": None, "legal_accepted_at": None,
}  # fmt: skip
EMAIL = {
    "id": "idn_1", "object": "email_address", "email_address": "a@b.co", "reserved": False,
    "linked_to": [], "created_at": 1, "updated_at": 1,
    "verification": {
        "object": "verification_admin", "status": "verified", "strategy": "admin",
        "attempts": None, "expire_at": None,
    },
}  # fmt: skip
REFUSAL = {"errors": [{"message": "m", "long_message": "l", "code": "c"}], "clerk_trace_id": TRACE}


@pytest.fixture(scope="module")
def judge() -> Judge:
    found = judge_of()
    if found is None:
        pytest.skip(MISSING)
    return found


@pytest.fixture(scope="module")
def events() -> EventJudge:
    found = event_judge()
    if found is None:
        pytest.skip(MISSING)
    return found


def _answer(
    body: object, *, status: int = 200, path: str = "/users/user_1", content_type: str | None = None
) -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    media_type = content_type or "application/json"
    return Exchange("GET", f"/v1{path}", "", None, status, media_type, content)


def test_a_user_with_an_address_and_a_refusal_are_faultless(judge: Judge) -> None:
    assert list(judge.faults(_answer({**USER, "email_addresses": [EMAIL]}))) == []
    assert list(judge.faults(_answer(REFUSAL, status=404))) == []
    assert list(judge.faults(_answer(REFUSAL, status=405, path="/no/such/thing"))) == []


@pytest.mark.parametrize(
    ("exchange", "fault"),
    [
        (_answer({**USER, "banned": None}), "banned: null is not of type"),
        (_answer({**USER, "created_at": "now"}), "created_at"),
        (_answer({**USER, "created_at": 2**63}), "created_at"),
        (_answer({**USER, "object": "person"}), "object"),
        (_answer({**USER, "shoe_size": 43}), "shoe_size"),
        (_answer({k: v for k, v in USER.items() if k != "banned"}), '"banned" is a required'),
        (
            _answer({**USER, "email_addresses": [{**EMAIL, "verification": {"object": "none"}}]}),
            "email_addresses/0/verification/object",
        ),
        (
            _answer(
                {
                    **USER,
                    "email_addresses": [
                        {**EMAIL, "verification": {**EMAIL["verification"], "strategy": "magic"}}
                    ],
                }
            ),
            "email_addresses/0/verification/strategy",
        ),
        (_answer([USER]), "the whole"),
        (_answer(b"{"), "no JSON"),
        (_answer(USER, content_type="application/json; charset=utf-8"), "content type"),
        (_answer(USER, status=201), "201 is none of [200]"),
        (_answer(REFUSAL, status=500), "500 is no status of Clerk's"),
        (_answer(REFUSAL, status=404, content_type="text/html"), "content type"),
        (_answer({"errors": [{"code": "c"}]}, status=404), "errors/0"),
        (_answer(b"Not found", status=404), "no JSON"),
        (_answer({}, path="/shoes"), "no such operation"),
    ],
)
def test_everything_else_is_a_fault(judge: Judge, exchange: Exchange, fault: str) -> None:
    faults = list(judge.faults(exchange))

    assert any(fault in line for line in faults), faults


def test_an_answer_in_fixed_words_is_not_taken_for_one_with_an_id(judge: Judge) -> None:
    counted = {"object": "total_count", "total_count": 1}

    assert list(judge.faults(_answer(counted, path="/users/count"))) == []
    assert list(judge.faults(_answer(counted))) != []


def test_an_event_is_judged_by_its_type(events: EventJudge) -> None:
    deleted = {
        "type": "user.deleted", "object": "event", "timestamp": 1, "instance_id": "ins_1",
        "data": {"object": "user", "id": "user_1", "deleted": True},
        "event_attributes": {"http_request": {"client_ip": "", "user_agent": ""}},
    }  # fmt: skip

    assert list(events.faults(deleted)) == []
    assert list(events.faults({**deleted, "type": "user.created"})) != []
    assert list(events.faults({**deleted, "type": "user.vanished"})) != []
    assert list(events.faults({**deleted, "instance_id": None})) != []


def _tell(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"id": "user_1", "path": request.url.path})


@pytest.mark.unjudged("made to be wrong")
def test_a_wrong_answer_is_overheard_whoever_asks(judge: Judge) -> None:
    assert judge
    tap = Wiretap()

    with tap.listening(), httpx.Client(transport=httpx.MockTransport(_tell)) as client:
        client.get("http://127.0.0.1/elsewhere")
        assert tap.faults == []
        client.get("http://127.0.0.1/v1/users/user_1")

    assert any("is a required property" in line for line in tap.faults)
    wiretapped = len(tap.faults)
    httpx.Client(transport=httpx.MockTransport(_tell)).get("http://127.0.0.1/elsewhere")
    assert len(tap.faults) == wiretapped


@pytest.mark.unjudged("made to be wrong")
@pytest.mark.asyncio
async def test_asynchronous_clients_are_overheard_too(judge: Judge) -> None:
    assert judge
    tap = Wiretap()

    with tap.listening():
        async with httpx.AsyncClient(transport=httpx.MockTransport(_tell)) as client:
            await client.get("http://127.0.0.1/v1/users/user_1")

    assert tap.faults
