"""What a password must be like."""

from collections.abc import Iterable
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["check_password"]

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 72
"""Characters, and bytes as well: what comes behind them would not be looked at."""

PWNED: Final = frozenset(
    """
    00000000 11111111 12341234 12345678 123456789 1234567890 123123123 1q2w3e4r 1qaz2wsx 87654321
    88888888 abcd1234 abcdefgh admin123 asdfasdf asdfghjk asdfghjkl baseball changeme computer
    football iloveyou letmein1 michelle p@ssw0rd passw0rd password password1 password12
    password123 princess qwer1234 qwerty12 qwerty123 qwertyui qwertyuiop starwars sunshine
    superman trustno1 welcome1 whatever
    """.split()  # noqa: SIM905 - 46 quoted words could not be overlooked
)
"""What stands in for the list of leaked passwords, which no test may ask for over the network."""


def check_password(password: str, *, pwned_too: bool, identifiers: Iterable[str] = ()) -> str:
    """Return the password.

    Args:
        password: As it was typed.
        pwned_too: Whether those of the list of leaked ones are refused.
        identifiers: What the user is known by.

    Raises:
        ApiError: 422, with Clerk's code for what is wrong with it.
    """
    if len(password) < MIN_LENGTH:
        raise _refusal("length_too_short", f"Passwords must be {MIN_LENGTH} characters or more.")
    if len(password) > MAX_LENGTH:
        raise _refusal("length_too_long", f"Passwords must be less than {MAX_LENGTH} characters.")
    if len(password.encode()) > MAX_LENGTH:
        raise _refusal(
            "size_in_bytes_exceeded", "Your password is too long. Please use a shorter one."
        )
    if password.lower() in {identifier.lower() for identifier in identifiers}:
        raise _refusal(
            "matches_identifier",
            "Password cannot match your email address, phone number or username. "
            "For account safety, please use a different password.",
        )
    if pwned_too and password.lower() in PWNED:
        raise _refusal(
            "pwned",
            "Password has been found in an online data breach. "
            "For account safety, please use a different password.",
        )
    return password


def _refusal(reason: str, message: str) -> ApiError:
    return ApiError.of(422, f"form_password_{reason}", message, param_name="password")
