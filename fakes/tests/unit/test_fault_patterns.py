import pytest

from clerk_fake.errors import ApiError
from clerk_fake.faults.api.pattern import PathPattern


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("*", "/anything/at/all", True),
        ("/v1/users", "/v1/users", True),
        ("/v1/users", "/v1/users/user_1", False),
        ("/v1/users/{user_id}", "/v1/users/user_1", True),
        ("/v1/users/{user_id}", "/v1/users/user_1/ban", False),
        ("/v1/users/{user_id}", "/v1/users/", False),
        ("/v1/users/{user_id}/ban", "/v1/users/user_1/ban", True),
        ("/v1/users/*", "/v1/users/user_1/ban", True),
        ("/v1/*/ban", "/v1/users/user_1/ban", True),
        ("/v1/use[r]s", "/v1/users", False),
        ("/v1/users.", "/v1/users/", False),
        ("/v1/{", "/v1/{", True),
        ("/v1/*", "/v1/a\nb", True),
    ],
)
def test_a_pattern_covers_whole_paths(pattern: str, path: str, covered: bool) -> None:
    assert PathPattern(pattern).covers(path) is covered


@pytest.mark.parametrize("text", ["", "v1/users", "/" + "a" * 500, "/*a*a*a*a*a*"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        PathPattern(text)

    assert refusal.value.status == 422
