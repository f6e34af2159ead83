import pytest

from clerk_fake.errors import ApiError
from clerk_fake.model.passwords import Password, digest_password, password_matches


def test_the_password_itself_is_not_kept() -> None:
    stored = digest_password("correct horse")

    assert "correct horse" not in repr(stored)
    assert stored != digest_password("correct horse")
    assert password_matches(stored, "correct horse")
    assert not password_matches(stored, "wrong horse")


def test_a_digest_that_cannot_be_computed_is_said_to_be_so() -> None:
    with pytest.raises(ApiError, match="bcrypt"):
        password_matches(Password("bcrypt", "$2b$10$abc"), "password")
