"""The configuration: what is required, what is refused, where secrets may come from."""

from pathlib import Path

import pytest

from clerk_sync.config import Role, read_settings
from clerk_sync.errors import ConfigurationError

WHOLE = {
    "DATABASE_URL": "postgresql://user:database-password@db/app",
    "REDIS_URL": "redis://:redis-password@127.0.0.1/0",
    "CLERK_WEBHOOK_SIGNING_SECRET": "whsec_new, whsec_old",
    "CLERK_SECRET_KEY": "sk_test_key",
    "CLERK_JWKS_URL": "https://clerk.example.com/jwks",
    "CLERK_ISSUER": "https://clerk.example.com",
    "CLERK_SYNC_OPERATOR_TOKEN": "operator-token",
}


def test_a_whole_environment_is_read() -> None:
    settings = read_settings(Role.API, WHOLE)
    assert settings.webhook_secrets == ("whsec_new", "whsec_old")
    assert settings.clerk_api_url == "https://api.clerk.com/v1"
    assert settings.max_attempts == 8


@pytest.mark.parametrize(
    ("role", "needed"),
    [
        (Role.MIGRATE, {"DATABASE_URL"}),
        (Role.SWEEPER, {"DATABASE_URL", "REDIS_URL"}),
        (Role.WORKER, {"DATABASE_URL", "REDIS_URL", "CLERK_SECRET_KEY"}),
        (
            Role.API,
            {
                "DATABASE_URL",
                "REDIS_URL",
                "CLERK_WEBHOOK_SIGNING_SECRET",
                "CLERK_JWKS_URL",
                "CLERK_ISSUER",
            },
        ),
    ],
)
def test_a_role_asks_only_for_what_it_needs(role: Role, needed: set[str]) -> None:
    read_settings(role, {name: WHOLE[name] for name in needed})
    for missing in needed:
        with pytest.raises(ConfigurationError, match=missing):
            read_settings(role, {name: WHOLE[name] for name in needed - {missing}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "http://x"),
        ("CLERK_API_URL", "http://api.clerk.com/v1"),
        ("CLERK_JWKS_URL", "ftp://127.0.0.1/"),
        ("CLERK_SYNC_MAX_ATTEMPTS", "0"),
        ("CLERK_SYNC_MAX_ATTEMPTS", "many"),
        ("CLERK_SYNC_LEASE_S", "-1"),
        ("CLERK_SYNC_LEASE_S", "nan"),
        ("CLERK_SYNC_LEASE_S", "8"),
        ("CLERK_SYNC_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_the_option(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as refused:
        read_settings(Role.API, WHOLE | {name: value})
    assert "\n" not in str(refused.value)


def test_plain_http_is_fine_on_loopback() -> None:
    settings = read_settings(Role.API, WHOLE | {"CLERK_API_URL": "http://127.0.0.1:8/v1/"})
    assert settings.clerk_api_url == "http://127.0.0.1:8/v1"


def test_every_option_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("whsec_from_file\n")
    env = {name: value for name, value in WHOLE.items() if "SIGNING" not in name}
    settings = read_settings(Role.API, env | {"CLERK_WEBHOOK_SIGNING_SECRET_FILE": str(secret)})
    assert settings.webhook_secrets == ("whsec_from_file",)
    with pytest.raises(ConfigurationError, match="_FILE cannot be read"):
        read_settings(Role.API, env | {"CLERK_WEBHOOK_SIGNING_SECRET_FILE": str(tmp_path)})


def test_secrets_are_all_known_to_the_logs() -> None:
    assert set(read_settings(Role.API, WHOLE).secrets()) == {
        "whsec_new",
        "whsec_old",
        "sk_test_key",
        "operator-token",
        "database-password",
        "redis-password",
    }
