import base64
from pathlib import Path
from typing import Any

import pytest

from clerk_load.errors import PlanError
from clerk_load.plan import Plan

GOOD: dict[str, Any] = {
    "url": "http://127.0.0.1:8000/webhooks/clerk",
    "secret": "whsec_" + base64.b64encode(b"k" * 24).decode(),
    "rate": 50,
    "messages": [{"id": "msg_1", "event_type": "user.created", "payload": '{"a": 1}'}],
}


def test_what_is_left_out_has_a_default() -> None:
    plan = Plan.of(GOOD)
    assert (plan.timeout_s, plan.max_in_flight, plan.seed, plan.arrivals) == (
        15,
        256,
        0,
        "constant",
    )
    assert (plan.thresholds.success_ratio, plan.thresholds.ack_p95_ms) == (0.99, 200)


def test_a_text_payload_is_sent_byte_for_byte_and_an_object_as_json() -> None:
    odd = '{ "a":1,\n"ü": "\\u00fc" }'
    messages = [
        {"id": "msg_1", "event_type": "user.created", "payload": odd},
        {"id": "msg_2", "event_type": "user.created", "payload": {"a": "ü"}},
    ]
    first, second = Plan.of(GOOD | {"messages": messages}).messages
    assert first.body == odd.encode()
    assert second.body == '{"a":"ü"}'.encode()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://127.8.9.10:1/",
        "http://localhost:1/hook?x=1",
        "https://[::1]:8443/",
        "http://LOCALHOST/",
    ],
)
def test_this_machine_may_be_loaded(url: str) -> None:
    assert Plan.of(GOOD | {"url": url}).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1.example.com/",
        "http://0.0.0.0:80/",
        "http://10.0.0.1/",
        "http://[::]/",
        "http://localhost.example/",
        "http://2130706433/",
        "ftp://127.0.0.1/",
        "127.0.0.1:80",
        "http://127.0.0.1:notaport/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nx: y",
        "http://127.0.0.1/ü",
        "",
        None,
        5,
    ],
)
def test_nothing_else_may_be_loaded(url: object) -> None:
    with pytest.raises(PlanError, match=r"^(url|host) ") as caught:
        Plan.of(GOOD | {"url": url})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rate": 0}, "rate 0 is out of range"),
        ({"rate": -1}, "rate -1 is out of range"),
        ({"rate": True}, "rate True is no number"),
        ({"rate": "50"}, "rate '50' is no number"),
        ({"rate": float("nan")}, "rate nan is no number"),
        ({"timeout_s": 0}, "timeout_s 0 is out of range"),
        ({"timeout_s": 1e6}, "timeout_s 1e\\+06 is out of range"),
        ({"max_in_flight": 0}, "max_in_flight 0 cannot be used"),
        ({"max_in_flight": 1.5}, "max_in_flight 1.5 cannot be used"),
        ({"seed": "x"}, "seed 'x' cannot be used"),
        ({"arrivals": "bursts"}, "arrivals 'bursts' is no profile: use constant"),
        ({"arrivals": ["constant"]}, r"arrivals \['constant'\] is no profile"),
        ({"secret": None}, "secret cannot sign"),
        ({"secret": "whsec_short"}, "secret cannot sign"),
        ({"thresholds": {"ack_p99_ms": 1}}, "thresholds has unknown ack_p99_ms"),
        ({"thresholds": {"success_ratio": 1.01}}, "success_ratio 1.01 is out of range"),
        ({"thresholds": []}, "thresholds is no JSON object"),
        ({"messages": []}, "messages is no list with at least one"),
        ({"messages": {}}, "messages is no list with at least one"),
        ({"messages": [{}]}, r"messages\[0\] has no event_type, id, payload"),
        ({"messages": GOOD["messages"] * 2}, "message id 'msg_1' is there twice"),
        (
            {"messages": [GOOD["messages"][0] | {"id": "a\r\nb"}]},
            r"messages\[0\] has an unusable id",
        ),
        ({"surprise": 1}, "the plan has unknown surprise: it knows arrivals, max_in_flight"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=f"^{message}") as caught:
        Plan.of(GOOD | fields)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["url", "secret", "rate", "messages"])
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(PlanError, match=f"^the plan has no {missing}: add it"):
        Plan.of({name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[]", "no JSON object"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "plan.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PlanError, match=message):
        Plan.read(path)


def test_the_secret_is_in_no_error() -> None:
    with pytest.raises(PlanError) as caught:
        Plan.of(GOOD | {"secret": "whsec_dG9vIHNob3J0"})
    assert "dG9vIHNob3J0" not in str(caught.value)
