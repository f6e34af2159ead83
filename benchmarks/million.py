"""A million users in one instance: how much memory they take, and whether reading stays flat."""

import os

from asking import Client, Rate
from servers import fake, started

__all__ = ["print_million"]

MILLION = 1_000_000
STEP = 100_000
READS = 8_000
GB = 1e9


def print_million() -> None:
    """Print a row for each hundred thousand users; rates are per second of the server's core."""
    print("| users | memory (RSS) | created | list of ten | one user | by address | load average |")
    print("|---|---|---|---|---|---|---|")
    with started("fake", fake) as server:
        client = Client(server)
        client.create(10)
        _print_row(client, 10, created=None)
        client.create(STEP - 10)
        for users in range(STEP, MILLION + 1, STEP):
            created = client.create(STEP) if users > STEP else None
            _print_row(client, users, created)


def _print_row(client: Client, users: int, created: Rate | None) -> None:
    rates = [
        created,
        client.list(READS),
        client.get(READS),
        client.list(READS, "/v1/users?email_address=person.7@example.com"),
    ]
    cells = [
        f"{users:,}",
        f"{client.server.resident_bytes() / GB:.2f} GB",
        *("" if rate is None else f"{rate.per_cpu_second:,.0f}/s" for rate in rates),
        f"{os.getloadavg()[0]:.2f}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)
