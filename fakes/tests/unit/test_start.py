import subprocess
import sys

LATE = (
    "argon2",
    "bcrypt",
    "clerk_fake.bapi.routes",
    "clerk_fake.control.routes",
    "clerk_fake.dashboard",
    "clerk_fake.faults.delivery",
    "clerk_fake.faults.registry",
    "clerk_fake.model.organizations",
    "clerk_fake.model.users.create",
    "clerk_fake.persistence",
    "clerk_fake.svix_api",
    "cryptography",
    "httpx",
    "jinja2",
    "jwt",
    "sqlite3",
    "yaml",
)


def test_a_server_is_ready_before_it_has_imported_what_nobody_asked_for() -> None:
    program = "import sys, clerk_fake.server; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "clerk_fake.bapi.user_reading" in done.stdout.split()
    assert set(LATE).isdisjoint(done.stdout.split())
