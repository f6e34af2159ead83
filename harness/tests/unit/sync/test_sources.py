"""Under which name a sender is counted, and whose word is believed about it."""

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_sync.api.sources import TrustedProxies, source_of

PROXIES = TrustedProxies([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])
PUBLIC = st.sampled_from(["192.0.2.1", "198.51.100.7", "2001:db8::1", "8.8.8.8"])
PROXY = st.sampled_from(["10.0.0.1", "10.9.9.9", "fd00::1", "::ffff:10.1.1.1"])
MADE_UP = st.lists(PUBLIC | PROXY | st.text(max_size=8), max_size=3)


def scope(peer: str | None, *forwarded: str, **headers: str) -> dict[str, Any]:
    lines = [(b"x-forwarded-for", line.encode("utf-8")) for line in forwarded]
    lines += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"client": (peer, 1) if peer else None, "headers": lines, "scheme": "http"}


def client_of(peer: str | None, *forwarded: str) -> str:
    found = scope(peer, *forwarded)
    PROXIES.resolve(found)
    client: str = found["client"][0]
    return client


@given(client=PUBLIC, made_up=MADE_UP, proxies=st.lists(PROXY, max_size=3), peer=PROXY)
def test_what_a_client_makes_up_never_changes_who_it_is(
    client: str, made_up: list[str], proxies: list[str], peer: str
) -> None:
    assert client_of(peer, ", ".join([*made_up, client, *proxies])) == client


@given(peer=PUBLIC, made_up=MADE_UP)
def test_whoever_is_no_proxy_is_itself(peer: str, made_up: list[str]) -> None:
    assert client_of(peer, ",".join(made_up)) == peer


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ((), "10.0.0.1"),
        (("",), "10.0.0.1"),
        (("unknown",), "10.0.0.1"),
        (("192.0.2.1:4711",), "192.0.2.1"),
        (("[2001:db8::1]:4711",), "2001:db8::1"),
        (("8.8.8.8", "192.0.2.1"), "192.0.2.1"),
        (("192.0.2.1, unknown, 10.0.0.2",), "10.0.0.2"),
        (("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
    ],
)
def test_the_right_most_address_that_is_no_proxy_counts(
    forwarded: tuple[str, ...], client: str
) -> None:
    assert client_of("10.0.0.1", *forwarded) == client


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "https, http", "http"),
        ("10.0.0.1", "gopher", "http"),
        ("192.0.2.1", "https", "http"),
    ],
)
def test_only_a_proxy_says_that_a_client_used_https(peer: str, said: str, scheme: str) -> None:
    found = scope(peer, x_forwarded_proto=said)
    PROXIES.resolve(found)
    assert found["scheme"] == scheme


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("local", "local"),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_source_is_an_address_or_the_network_that_one_customer_has(
    host: str, source: str
) -> None:
    assert source_of(host) == source


def test_the_other_end_of_a_unix_socket_has_a_name_too() -> None:
    assert client_of(None) == "local"
