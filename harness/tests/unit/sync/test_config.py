"""The configuration: what is required, what is refused, where secrets may come from."""

from pathlib import Path

import pytest

from clerk_sync.config import Role, read_settings
from clerk_sync.errors import ConfigurationError

NEW = "whsec_" + 24 * "N" + 8 * "w"
OLD = "whsec_" + 24 * "O" + 8 * "d"
WHOLE = {
    "DATABASE_URL": "postgresql://user:database-password@db/app",
    "REDIS_URL": "redis://:redis-password@127.0.0.1/0",
    "CLERK_WEBHOOK_SIGNING_SECRET": f"{NEW}, {OLD}",
    "CLERK_SECRET_KEY": "sk_test_key",
    "CLERK_JWKS_URL": "https://clerk.example.com/jwks",
    "CLERK_ISSUER": "https://clerk.example.com",
    "CLERK_SYNC_OPERATOR_TOKEN": "operator-token",
}


def test_a_whole_environment_is_read() -> None:
    settings = read_settings(Role.API, WHOLE)
    assert settings.webhook_secrets == (NEW, OLD)
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
        ("CLERK_SYNC_LEASE_S", "1e300"),
        ("CLERK_SYNC_SWEEP_INTERVAL_S", "1e-9"),
        ("CLERK_SYNC_MAX_ATTEMPTS", "99999999999999999999"),
        ("CLERK_SYNC_CLOCK_SKEW_S", "301"),
        ("CLERK_SYNC_KEEP_APPLIED_DAYS", "1e300"),
        ("CLERK_SYNC_RETRY_CAP_S", "0.1"),
        ("DATABASE_URL", "postgresql://127.0.0.1:99999/app"),
        ("REDIS_URL", "redis://127.0.0.1:99999/0"),
        ("REDIS_URL", "redis://127.0.0.1/abc"),
        ("CLERK_SECRET_KEY", "sk_test_é"),
        ("CLERK_AUTHORIZED_PARTIES", ",,,"),
        ("CLERK_WEBHOOK_SIGNING_SECRET", "foo"),
        ("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_%%%"),
        ("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_"),
        ("CLERK_WEBHOOK_SIGNING_SECRET", f"{OLD}, whsec_c2hvcnQ="),
        ("CLERK_SYNC_LOG_LEVEL", "loud"),
        ("CLERK_SYNC_OPERATOR_TOKEN", "too-short"),
        ("CLERK_SYNC_OPERATOR_TOKEN", "long-enough-for-one,short"),
        ("CLERK_SYNC_OPERATOR_TOKEN", "with spaces inside"),
        ("CLERK_SYNC_OPERATOR_TOKEN", "looks.like.a-session-token"),
        ("CLERK_SYNC_WEBHOOK_RATE", "many"),
        ("CLERK_SYNC_API_RATE", "0/second"),
        ("CLERK_SYNC_FAILURE_RATE", "10/second; 100/minute"),
        ("CLERK_SYNC_TRUSTED_PROXIES", "10.0.0.0/8, proxy"),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_the_option(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as refused:
        read_settings(Role.API, WHOLE | {name: value})
    assert "\n" not in str(refused.value)


def test_plain_http_is_fine_on_loopback() -> None:
    settings = read_settings(Role.API, WHOLE | {"CLERK_API_URL": "http://127.0.0.1:8/v1/"})
    assert settings.clerk_api_url == "http://127.0.0.1:8/v1"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.evil.example/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://127.1/v1",
        "http://2130706433/v1",
        "http://0x7f000001/v1",
        "http://0.0.0.0/v1",
        "http://[::ffff:127.0.0.1]/v1",
        "http://[::]/v1",
        "http://localhost@evil.example/v1",
        "http://evil.example#@localhost/v1",
        "http://localhost\\@evil.example/v1",
        "http://10.0.0.1/v1",
        "https://user:password@clerk.example.com/v1",
        "https:///v1",
        "https://[::1/v1",
        "https://clerk.example.com:port/v1",
        "file:///etc/passwd",
    ],
)
def test_clerk_is_asked_by_https_whatever_a_host_looks_like(url: str) -> None:
    with pytest.raises(ConfigurationError, match="must start with https://"):
        read_settings(Role.API, WHOLE | {"CLERK_API_URL": url})


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://db.example.com/app"),
        ("DATABASE_URL", "postgresql://db.example.com/app?sslmode=prefer"),
        ("DATABASE_URL", "postgresql://db.example.com/app?sslmode=require&sslmode=disable"),
        ("DATABASE_URL", "postgresql://8.8.8.8/app"),
        ("DATABASE_URL", "postgresql://db,db.example.com/app"),
        ("DATABASE_URL", "postgresql:///app?host=db.example.com"),
        ("DATABASE_URL", "postgresql://localhost.evil.example/app"),
        ("REDIS_URL", "redis://:password@redis.example.com/0"),
        ("REDIS_URL", "redis://[2606:4700::1]/0"),
        ("REDIS_URL", "redis://8.526344/0"),
        ("REDIS_URL", "redis://0x08080808/0"),
    ],
)
def test_plain_text_to_a_database_stays_in_private_networks(name: str, url: str) -> None:
    with pytest.raises(ConfigurationError, match="private networks"):
        read_settings(Role.API, WHOLE | {name: url})


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://db.example.com/app?sslmode=verify-full"),
        ("DATABASE_URL", "postgresql://postgres:password@10.1.2.3:5432/app"),
        ("DATABASE_URL", "postgresql:///app?host=/var/run/postgresql"),
        ("DATABASE_URL", "postgresql://db.prod.svc.cluster.local/app"),
        ("REDIS_URL", "rediss://redis.example.com/0"),
        ("REDIS_URL", "redis://redis:6379/0"),
        ("REDIS_URL", "redis://[::1]:6379/0"),
        ("REDIS_URL", "redis://host.docker.internal/0"),
    ],
)
def test_encrypted_and_private_paths_to_databases_are_fine(name: str, url: str) -> None:
    read_settings(Role.API, WHOLE | {name: url})


def test_a_secret_and_its_file_are_not_both_set(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sk_test_from_file")
    both = WHOLE | {"CLERK_SECRET_KEY_FILE": str(secret)}
    with pytest.raises(ConfigurationError, match="are both set"):
        read_settings(Role.API, both)
    assert read_settings(Role.API, both | {"CLERK_SECRET_KEY": " "}).clerk_secret_key == (
        "sk_test_from_file"
    )


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_file_without_a_secret_is_refused_and_not_taken_for_an_unset_option(
    tmp_path: Path, content: bytes
) -> None:
    secret = tmp_path / "token"
    secret.write_bytes(content)
    env = {name: value for name, value in WHOLE.items() if "OPERATOR" not in name}
    with pytest.raises(ConfigurationError, match="OPERATOR_TOKEN_FILE"):
        read_settings(Role.API, env | {"CLERK_SYNC_OPERATOR_TOKEN_FILE": str(secret)})


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_settings(Role.API, WHOLE | {"CLERK_ISSUER_FILE": str(tmp_path / "none")})


def test_an_error_of_the_configuration_shows_no_value() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        with pytest.raises(ConfigurationError) as refused:
            read_settings(Role.API, WHOLE | {name: "x://u:must-not-be-seen@db.example.com:no/"})
        assert "must-not" not in str(refused.value)


def test_several_operator_tokens_are_taken_while_they_are_rotated() -> None:
    tokens = "operator-token-1, operator-token-2"
    settings = read_settings(Role.API, WHOLE | {"CLERK_SYNC_OPERATOR_TOKEN": tokens})
    assert settings.operator_tokens == ("operator-token-1", "operator-token-2")


def test_every_option_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{OLD}\n")
    env = {name: value for name, value in WHOLE.items() if "SIGNING" not in name}
    settings = read_settings(Role.API, env | {"CLERK_WEBHOOK_SIGNING_SECRET_FILE": str(secret)})
    assert settings.webhook_secrets == (OLD,)
    with pytest.raises(ConfigurationError, match="_FILE cannot be read"):
        read_settings(Role.API, env | {"CLERK_WEBHOOK_SIGNING_SECRET_FILE": str(tmp_path)})


def test_secrets_are_all_known_to_the_logs() -> None:
    assert set(read_settings(Role.API, WHOLE).secrets()) == {
        NEW,
        OLD,
        "sk_test_key",
        "operator-token",
        "database-password",
        "redis-password",
    }


def test_passwords_of_databases_are_known_as_they_are_and_as_they_are_written() -> None:
    url = "postgresql://user:p%40ssword@db/app?password=in-the-query"
    known = read_settings(Role.API, WHOLE | {"DATABASE_URL": url}).secrets()
    assert {"p%40ssword", "p@ssword", "in-the-query"} <= set(known)
