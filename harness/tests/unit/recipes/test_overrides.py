"""What ``--set`` says, and where in an event it holds."""

from typing import Any

import pytest

from clerk_harness.errors import ConfigurationError
from clerk_harness.recipes.overrides import (
    UnknownPathError,
    overridden,
    read_override,
    unmet,
)

ADA: dict[str, Any] = {
    "id": "user_1",
    "first_name": "Ada",
    "actor": None,
    "banned": False,
    "public_metadata": {},
    "email_addresses": [{"email_address": "ada@example.com", "verification": {"status": "ok"}}],
}


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("data.first_name=Grace", ("first_name",), "Grace"),
        ("data.first_name=", ("first_name",), ""),
        ("data.first_name=a=b", ("first_name",), "a=b"),
        ("data.first_name=Zoë \N{BLACK HEART SUIT}", ("first_name",), "Zoë \N{BLACK HEART SUIT}"),
        ("data.banned=true", ("banned",), True),
        ("data.last_name=null", ("last_name",), None),
        ("data.created_at=7", ("created_at",), 7),
        ('data.first_name="7"', ("first_name",), "7"),
        ('data.public_metadata={"a": [1]}', ("public_metadata",), {"a": [1]}),
        ("data.email_addresses[0].id=x", ("email_addresses", 0, "id"), "x"),
        ("data.email_addresses.0.id=x", ("email_addresses", 0, "id"), "x"),
    ],
)
def test_a_value_is_json_when_it_can_be_and_a_string_otherwise(
    text: str, path: tuple[str | int, ...], value: object
) -> None:
    override = read_override(text)
    assert (override.path, override.value) == (path, value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("data.first_name", "write PATH=VALUE"),
        ("=x", "write PATH=VALUE"),
        ("data..id=x", "write PATH=VALUE"),
        ("first_name=Ada", "did you mean data.first_name?"),
        ("type=user.deleted", "only what is below data can be set"),
        ("data={}", "only what is below data can be set"),
        ("data.first_name=\udcff", "not in UTF-8"),
    ],
)
def test_what_cannot_be_read_says_how_it_is_written(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=r"--set") as refused:
        read_override(text)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "data.first_name=Grace",
        "data.email_addresses.0.verification.status=expired",
        'data.email_addresses.1={"email_address": "second@example.com"}',
        "data.public_metadata.plan.name=gold",
        "data.public_metadata.2026.1=gold",
        "data.banned=0",
        'data.actor={"sub": "user_2"}',
    ],
)
def test_an_override_holds_in_the_copy_and_not_in_the_original(text: str) -> None:
    override = read_override(text)
    assert unmet(ADA, [override]) == (override,)
    assert unmet(overridden(ADA, [override]), [override]) == ()
    assert unmet(ADA, [override]) == (override,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("data.frist_name=x", "did you mean data.first_name"),
        ("data.verification.status=x", "data.email_addresses.0.verification.status"),
        ("data.zzz=x", "there are data.actor, data.banned, data.email"),
        ("data.actor.sub=x", "set the whole: --set 'data.actor={"),
        ("data.email_addresses.2.id=x", "data.email_addresses has 1 entries"),
        ("data.first_name.x=1", "there is no data.first_name.x"),
        ("data.email_addresses.first=1", "there is no data.email_addresses.first"),
    ],
)
def test_a_field_that_the_event_has_not_got_is_refused_with_the_nearest(
    text: str, told: str
) -> None:
    with pytest.raises(UnknownPathError) as refused:
        overridden(ADA, [read_override(text)])
    assert told in str(refused.value)
