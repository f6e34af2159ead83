"""What the service leans on: asked to write and to read back."""

import secrets

from clerk_harness.doctor.patient import Patient, require

__all__ = ["check_database", "check_redis"]


def check_database(patient: Patient) -> str:
    """A row that is written in a transaction is read back in it."""
    import psycopg  # noqa: PLC0415 - heavy, and asked for by the doctor only

    postgres = patient.deployment.backing("postgres")
    with psycopg.connect(postgres.url, connect_timeout=5) as connection:
        connection.execute("CREATE TEMPORARY TABLE clerk_doctor (word text)")
        word = secrets.token_hex(4)
        connection.execute("INSERT INTO clerk_doctor VALUES (%s)", (word,))
        read = connection.execute("SELECT word FROM clerk_doctor").fetchone()
        fsync = connection.execute("SHOW fsync").fetchone()
        require(read == (word,), f"wrote {word}, read {read}")
        require(fsync == ("on",), "fsync is off", "a commit would not survive a crash")
        version = connection.info.server_version // 10000
    return f"PostgreSQL {version} on port {postgres.port}, fsync on"


def check_redis(patient: Patient) -> str:
    """A key that is written is read back."""
    import redis  # noqa: PLC0415 - heavy, and asked for by the doctor only

    broker = patient.deployment.backing("redis")
    word = secrets.token_hex(4)
    with redis.Redis.from_url(broker.url, socket_timeout=5) as client:
        client.set(f"clerk-doctor:{word}", word, ex=10)
        read = client.get(f"clerk-doctor:{word}")
        require(read == word.encode(), f"wrote {word}, read {read!r}")
        version = client.info("server")["redis_version"]
    return f"Redis {version} on port {broker.port}"
