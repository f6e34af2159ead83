import base64

import pytest

from clerk_fake.model.users.second_factors import totp_code

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp_code(SECRET, seconds * 1000) == code


def test_a_drift_of_one_step_is_the_code_of_the_next_step() -> None:
    assert totp_code(SECRET, 29_000, drift=1) == totp_code(SECRET, 59_000)
