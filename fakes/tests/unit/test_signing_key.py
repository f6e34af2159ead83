import pytest

from clerk_fake.clock import Clock
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.tokens.signing_key import SigningKey

SHARED = SharedKey()


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.turn(frozen=True)
    return clock


@pytest.fixture
def key(clock: Clock) -> SigningKey:
    return SigningKey("ins_1", SHARED, clock)


def _published(key: SigningKey) -> list[str]:
    return [jwk.kid for jwk in key.public_jwks()]


def test_a_new_key_has_another_name_and_other_numbers(key: SigningKey) -> None:
    (old,) = key.public_jwks()
    old_pem = key.public_pem()

    key.rotate(10_000)

    new, still_there = key.public_jwks()
    assert still_there == old
    assert (old.kid, new.kid) == ("ins_1", "ins_1_1")
    assert key.kid == new.kid
    assert new.n != old.n
    assert key.public_pem() != old_pem


def test_what_the_old_key_signed_is_good_for_the_overlap(key: SigningKey, clock: Clock) -> None:
    signature = key.sign(b"before")
    key.rotate(10_000)
    later = key.sign(b"after")

    assert key.verifies(signature, b"before")
    clock.advance(9_999)
    assert key.verifies(signature, b"before")
    clock.advance(1)
    assert not key.verifies(signature, b"before")
    assert key.verifies(later, b"after")
    assert _published(key) == ["ins_1_1"]


def test_several_rotations_overlap_each_for_its_own_time(key: SigningKey, clock: Clock) -> None:
    key.rotate(10_000)
    clock.advance(1_000)
    key.rotate(2_000)

    assert _published(key) == ["ins_1_2", "ins_1_1", "ins_1"]
    clock.advance(2_000)
    assert _published(key) == ["ins_1_2", "ins_1"]
    clock.advance(7_000)
    assert _published(key) == ["ins_1_2"]
    assert len({jwk.n for jwk in key.public_jwks()}) == 1


def test_a_withdrawn_key_is_as_if_it_had_never_come(key: SigningKey) -> None:
    first = key.rotate(10_000)
    second = key.rotate(10_000)
    signature = key.sign(b"second")

    key.withdraw(first)
    assert _published(key) == ["ins_1_2", "ins_1"]
    key.withdraw(second)
    assert _published(key) == ["ins_1"]
    assert not key.verifies(signature, b"second")
    key.withdraw(second)
    key.rotate(0)
    assert _published(key) == ["ins_1_3"]


def test_the_first_key_can_always_be_had_again(key: SigningKey) -> None:
    signature = key.sign(b"before")
    for _ in range(3):
        key.rotate(0)

    key.back_to_first()

    assert _published(key) == ["ins_1"]
    assert key.verifies(signature, b"before")


def test_all_instances_share_the_numbers_of_a_rotation(key: SigningKey, clock: Clock) -> None:
    other = SigningKey("ins_2", SHARED, clock)
    key.rotate(0)
    other.rotate(0)

    assert key.public_pem() == other.public_pem()
    assert key.kid != other.kid
