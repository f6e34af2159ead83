"""The command line of ``python -m clerk_fake``."""

import argparse
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, NoReturn

from clerk_fake.errors import StartError
from clerk_fake.settings import ServerSettings

__all__ = ["read_options"]

LOG_LEVELS: Final = ("debug", "info", "warning", "error", "critical")
HIGHEST_PORT: Final = 65_535
LARGEST_SIZE: Final = 10**12


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise StartError(f"{message}; see python -m clerk_fake --help")


def read_options(arguments: Sequence[str]) -> ServerSettings:
    """Return the settings that ``arguments`` ask for.

    Raises:
        StartError: An option is unknown or unusable.
    """
    defaults = ServerSettings()
    parser = _Parser(
        prog="python -m clerk_fake",
        description="A Clerk that runs on your machine, for tests.",
        epilog="Prints one line of JSON when it is ready, and serves until it is told to stop.",
    )
    parser.add_argument("--host", default=defaults.host, help="address to listen on")
    parser.add_argument("--port", type=_port, default=defaults.port, help="0 takes a free one")
    parser.add_argument("--owner-pid", type=_pid, help="stop when this process is gone")
    parser.add_argument("--secret-key", help="sk_test_… of the first instance")
    parser.add_argument("--webhook-secret", help="whsec_… of the first instance")
    parser.add_argument(
        "--allow-live-keys", action="store_true", help="take sk_live_… of an instance; see the docs"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name, beside those of loopback, under which /__fake__ may be reached; repeatable",
    )
    parser.add_argument(
        "--allow-endpoint-network",
        action="append",
        type=_network,
        default=[],
        metavar="CIDR",
        help="a network that webhooks may go to although it is not public, when --host is not "
        "loopback (there they may go anywhere); repeatable",
    )
    parser.add_argument(
        "--body-limit",
        type=_size,
        default=defaults.body_limit,
        metavar="BYTES",
        help="largest request body that is read (default: %(default)s)",
    )
    parser.add_argument(
        "--limits", action="store_true", help="the first instance has Clerk's limits"
    )
    parser.add_argument(
        "--seed-file",
        type=Path,
        metavar="FILE",
        help="what the first instance holds, when it is new",
    )
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="keep everything in this file, and go on from it"
    )
    parser.add_argument("--log-level", choices=LOG_LEVELS, default=defaults.log_level)
    options = parser.parse_args(arguments)
    return ServerSettings(
        host=options.host,
        port=options.port,
        owner_pid=options.owner_pid,
        secret_key=options.secret_key,
        webhook_secret=options.webhook_secret,
        allow_live_keys=options.allow_live_keys,
        allowed_hosts=tuple(options.allow_host),
        endpoint_networks=tuple(options.allow_endpoint_network),
        body_limit=options.body_limit,
        limits=options.limits,
        seed_file=options.seed_file,
        state_file=options.state,
        log_level=options.log_level,
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: use 0 to {HIGHEST_PORT}")
    return int(text)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as malformed:
        raise argparse.ArgumentTypeError(
            f"{malformed}: give a network such as 172.17.0.0/16 or an address such as 10.0.0.5"
        ) from malformed


def _size(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= LARGEST_SIZE:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: use 1 to {LARGEST_SIZE} bytes")
    return int(text)


def _pid(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no process id")
    return int(text)
