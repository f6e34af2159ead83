"""How ``--delivery-fault`` is written."""

import pytest

from clerk_harness.chaos.deliveries import read_delivery_fault
from clerk_harness.errors import ConfigurationError


def test_a_fault_is_read_with_its_settings_and_whom_it_strikes() -> None:
    fault = read_delivery_fault(
        "duplicate:copies=2,signing=fresh,probability=0.5,event_types=user.*+session.created"
    )

    assert fault.kind == "duplicate"
    assert fault.said == {
        "copies": 2,
        "signing": "fresh",
        "probability": 0.5,
        "event_types": ["user.*", "session.created"],
    }


def test_a_fault_needs_no_settings() -> None:
    assert read_delivery_fault("ack_lost").said == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no delivery fault ''"),
        ("earthquake", "there is no delivery fault 'earthquake': choose among endpoint_outage, "),
        ("latency:delay_s=1", "there is no delivery fault 'latency'"),
        ("duplicate:copies", "'copies' is no setting"),
        ("duplicate:=2", "'=2' is no setting"),
        ("duplicate:copies=many", "copies must be an integer: see docs/delivery-faults.md"),
        ("duplicate:copies=0", "copies must be from 1 to 50"),
        ("duplicate:magic=1", "magic"),
        ("delay", "delay_s"),
        ("delay:delay_s=0", "delay_s must be more than 0, or a jitter"),
        ("multiple_signatures:wrong=0,unknown=0", "wrong must be at least 1"),
        ("replay_storm:times=1", "times"),
        ("drop:probability=2", "probability"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_before_anything_is_started(
    text: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_delivery_fault(text)

    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)
