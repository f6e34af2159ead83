import base64
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count, pairwise
from time import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from svix.webhooks import Webhook, WebhookVerificationError

from clerk_fake.errors import ApiError
from clerk_fake.webhooks.signing import (
    DEFAULT_GRACE_MS,
    MAX_GRACE_MS,
    MAX_OLD_SECRETS,
    OldSecret,
    Rotation,
    SigningSecret,
    rotated,
    signed_headers,
    signing_keys,
)

DAY_MS = 86_400_000
FIRST, SECOND, THIRD = (SigningSecret.of_bytes(letter * 24).text for letter in (b"a", b"b", b"c"))
PAIR = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)


def fresh_secrets() -> Iterator[str]:
    return (SigningSecret.of_bytes(number.to_bytes(24, "big")).text for number in count())


def verifies(secret: str, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(b"{}", headers)
    except WebhookVerificationError:
        return False
    return True


def headers_of(secret: str, old: Sequence[OldSecret], now_ms: int) -> dict[str, str]:
    return signed_headers(signing_keys(secret, old, now_ms), "msg_1", int(time()), b"{}")


def test_the_old_secret_signs_for_a_day_after_the_new_one() -> None:
    rotation = rotated(FIRST, (), SECOND, now_ms=1000)

    assert rotation == Rotation(SECOND, (OldSecret(FIRST, 1000 + DAY_MS),))
    assert DEFAULT_GRACE_MS == DAY_MS
    just_before = headers_of(SECOND, rotation.old_secrets, 999 + DAY_MS)
    assert verifies(SECOND, just_before)
    assert verifies(FIRST, just_before)
    then = headers_of(SECOND, rotation.old_secrets, 1000 + DAY_MS)
    assert verifies(SECOND, then)
    assert not verifies(FIRST, then)


def test_the_current_secret_signs_first_then_those_that_expire_first() -> None:
    rotation = rotated(FIRST, (), SECOND, now_ms=0, grace_ms=MAX_GRACE_MS)
    rotation = rotated(SECOND, rotation.old_secrets, THIRD, now_ms=1)

    keys = signing_keys(rotation.secret, rotation.old_secrets, 2)

    assert [key.text for key in keys] == [THIRD, SECOND, FIRST]


def test_without_grace_the_old_secret_is_gone_at_once() -> None:
    assert rotated(FIRST, (), SECOND, now_ms=5, grace_ms=0) == Rotation(SECOND, ())


def test_a_secret_of_one_kind_gives_way_to_one_of_the_other() -> None:
    rotation = rotated(FIRST, (), PAIR, now_ms=0)
    headers = headers_of(rotation.secret, rotation.old_secrets, 1)

    kinds = [entry.partition(",")[0] for entry in headers["svix-signature"].split(" ")]

    assert kinds == ["v1a", "v1"]
    assert verifies(FIRST, headers)


def test_a_new_secret_may_lack_its_prefix() -> None:
    bare = base64.b64encode(b"b" * 24).decode()

    assert rotated(FIRST, (), bare, now_ms=0).secret == SECOND


def test_an_eleventh_old_secret_is_refused_until_the_first_expires() -> None:
    new, current, old = fresh_secrets(), FIRST, ()
    for hour in range(MAX_OLD_SECRETS):
        rotation = rotated(current, old, next(new), now_ms=hour * 3_600_000)
        current, old = rotation.secret, rotation.old_secrets
    assert len(old) == MAX_OLD_SECRETS == 10

    with pytest.raises(ApiError, match="1970-01-02T00:00:00Z") as refused:
        rotated(current, old, next(new), now_ms=DAY_MS - 1)

    assert (refused.value.status, refused.value.complaints[0].code) == (400, "limit_reached")
    assert len(rotated(current, old, next(new), now_ms=DAY_MS).old_secrets) == MAX_OLD_SECRETS
    with pytest.raises(ApiError, match="No more than 10"):
        rotated(current, old, next(new), now_ms=DAY_MS - 1, grace_ms=1)
    at_once = rotated(current, old, next(new), now_ms=DAY_MS - 1, grace_ms=0)
    assert at_once.old_secrets == old


def test_at_the_end_of_all_calendars_the_refusal_is_the_same() -> None:
    now_ms = 253_402_300_799_000
    old = tuple(OldSecret(FIRST, now_ms + DAY_MS) for _ in range(MAX_OLD_SECRETS))

    with pytest.raises(ApiError, match="9999-12-31T23:59:59Z"):
        rotated(FIRST, old, SECOND, now_ms=now_ms)


@pytest.mark.parametrize("grace_ms", [-1, MAX_GRACE_MS + 1])
def test_a_grace_out_of_bounds_is_refused(grace_ms: int) -> None:
    with pytest.raises(ApiError, match="from 0 to 604800") as refused:
        rotated(FIRST, (), SECOND, now_ms=0, grace_ms=grace_ms)

    assert refused.value.status == 422


def test_what_is_no_key_does_not_become_the_secret() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        rotated(FIRST, (), "sk_test_x", now_ms=0)


@settings(max_examples=300)
@given(
    turns=st.lists(
        st.tuples(
            st.integers(0, 2 * DAY_MS),
            st.sampled_from([0, 1, DAY_MS // 2, DAY_MS, MAX_GRACE_MS]),
        ),
        max_size=25,
    ),
    later_ms=st.integers(0, MAX_GRACE_MS),
)
def test_whatever_is_rotated_every_living_secret_signs_and_no_other(
    turns: list[tuple[int, int]], later_ms: int
) -> None:
    new = fresh_secrets()
    now_ms, current, old = 0, next(new), ()
    lives: dict[str, int] = {}  # when each secret that was ever replaced ends
    for pause_ms, grace_ms in turns:
        now_ms += pause_ms
        replace = partial(rotated, current, old, next(new), now_ms=now_ms, grace_ms=grace_ms)
        if grace_ms and sum(end > now_ms for end in lives.values()) == MAX_OLD_SECRETS:
            with pytest.raises(ApiError, match="No more than 10"):
                replace()
            continue
        rotation = replace()
        lives[current] = now_ms + grace_ms
        current, old = rotation.secret, rotation.old_secrets
        assert all(one.expires_at <= other.expires_at for one, other in pairwise(old))

    now_ms += later_ms
    headers = headers_of(current, old, now_ms)

    assert len(headers["svix-signature"].split(" ")) <= 1 + MAX_OLD_SECRETS
    assert verifies(current, headers)
    for secret, end in lives.items():
        assert verifies(secret, headers) == (end > now_ms)
