"""What leads to this machine, and what leads away from it."""

import pytest

from clerk_harness.cli.addresses import checked_url
from clerk_harness.errors import ConfigurationError


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "mine.localhost",
        "127.0.0.1:8000",
        "127.8.9.10",
        "2130706433",
        "0.0.0.0:8000",
        "[::1]:8000",
        "[::]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_this_machine_needs_no_permission(host: str) -> None:
    assert checked_url(f"http://{host}/a/", "--to", allow_remote=False) == f"http://{host}/a/"
    assert checked_url(host, "--to", allow_remote=False) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    [
        "192.0.2.1",
        "10.0.0.1:8000",
        "169.254.169.254",
        "[2001:db8::1]",
        "[::ffff:192.0.2.1]",
        "localhost@192.0.2.1",
        "192.0.2.1?localhost",
    ],
)
def test_other_machines_need_it(host: str) -> None:
    with pytest.raises(ConfigurationError, match=r"leads away .*: add --allow-remote"):
        checked_url(f"http://{host}/", "--to", allow_remote=False)
    assert checked_url(f"http://{host}/x", "--to", allow_remote=True) == f"http://{host}/x"


@pytest.mark.parametrize(
    "url", ["", "http://", "http://:80", "ftp://localhost", "http://a b", "http://ä", "localhost:0"]
)
def test_what_is_no_url_says_how_one_looks(url: str) -> None:
    with pytest.raises(ConfigurationError, match="is no URL: write one such as"):
        checked_url(url, "--to", allow_remote=True)
