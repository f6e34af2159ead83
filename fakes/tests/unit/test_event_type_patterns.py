import pytest

from clerk_fake.errors import ApiError
from clerk_fake.faults.delivery.pattern import TypePattern


@pytest.mark.parametrize(
    ("pattern", "event_type", "covered"),
    [
        ("user.created", "user.created", True),
        ("user.created", "user.createdx", False),
        ("user.created", "userxcreated", False),
        ("user.*", "user.created", True),
        ("user.*", "user", False),
        ("*", "organizationMembership.created", True),
        ("*.created", "organizationMembership.created", True),
        ("org*.*ated", "organization.updated", True),
        ("org**", "organization.updated", True),
        ("", "user.created", None),
        ("user created", "user.created", None),
        ("user.[a-z]+", "user.created", None),
        ("u" * 257, "user.created", None),
        ("*a*a*a*a*a*", "user.created", None),
    ],
)
def test_a_pattern_covers_whole_event_types_or_is_refused(
    pattern: str, event_type: str, covered: bool | None
) -> None:
    if covered is None:
        with pytest.raises(ApiError) as refusal:
            TypePattern(pattern)
        assert refusal.value.status == 422
    else:
        assert TypePattern(pattern).covers(event_type) is covered
