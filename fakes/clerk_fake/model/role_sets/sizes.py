"""How many roles a role set may have."""

from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["MOST_ROLES", "check_role_set_size"]

MOST_ROLES: Final = 10


def check_role_set_size(size: int, param: str) -> None:
    """Refuse too many roles; ``param`` is what would make them so many.

    Raises:
        ApiError: 422 ``form_param_array_size_exceeded``.
    """
    if size > MOST_ROLES:
        raise ApiError.of(
            422,
            "form_param_array_size_exceeded",
            "exceeds maximum size",
            f"{param} should not exceed {MOST_ROLES} items.",
            param_name=param,
        )
