from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.webhooks.addresses import literal_address, purpose_of, written_oddly

# Both ends of every block, or one inside.
PURPOSES = {
    "unspecified": ["0.0.0.0", "::"],  # noqa: S104 - read, not bound
    "private": [
        "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0",
        "192.168.255.255",
    ],
    "carrier-grade NAT": ["100.64.0.0", "100.127.255.255"],
    "loopback": ["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"],
    "link-local": [
        "169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::", "fe80::1%eth0",
        "febf:ffff::1",
    ],
    "documentation": [
        "192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255", "203.0.113.0",
        "203.0.113.255", "2001:db8::", "2001:db8:ffff::1", "3fff::1", "3fff:fff:ffff::1",
    ],
    "benchmarking": ["198.18.0.0", "198.19.255.255", "2001:2::1"],
    "6to4 relay": ["192.88.99.0", "192.88.99.255"],
    "multicast": ["224.0.0.0", "239.255.255.255", "ff00::", "ff02::1", "ffff:ffff::"],
    "broadcast": ["255.255.255.255"],
    "reserved": [
        "0.0.0.1", "0.255.255.255", "192.0.0.0", "192.0.0.255", "240.0.0.0", "255.255.255.254",
        "2001:1::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1", "5f00::1", "4000::1", "1::1",
        "::ffff:0:7f00:1",
    ],
    "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a00:1"],
    "IPv4-compatible": ["::127.0.0.1", "::8.8.8.8", "::2"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "64:ff9b:1:ffff::1"],
    "discard-only": ["100::1"],
    "Teredo": ["2001::1", "2001:0:ffff::1"],
    "6to4": ["2002::", "2002:7f00:1::", "2002:ffff::1"],
    "unique local": ["fc00::", "fd00:ec2::254", "fdff:ffff::1"],
    "site-local": ["fec0::1", "feff::1"],
}  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
    "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
    "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2001:200::1",
    "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2606:4700::1111",
    "3ffe:ffff::1", "3fff:1000::1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "purpose"),
    [(text, purpose) for purpose, texts in PURPOSES.items() for text in texts],
)
def test_an_address_that_is_not_public_is_known_by_its_purpose(text: str, purpose: str) -> None:
    assert purpose_of(ip_address(text)) == purpose


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_public_internet_is_public(text: str) -> None:
    assert purpose_of(ip_address(text)) is None


@given(address=st.ip_addresses())
def test_what_pythons_own_registry_calls_private_is_never_public(address) -> None:  # noqa: ANN001 - of either version
    if address.is_private or address.is_multicast or address.is_reserved:
        # 192.0.0.9 and the like, which Python lets through, are refused here all the same.
        assert purpose_of(address) is not None


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7F.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("0", "0.0.0.0"),  # noqa: S104 - read, not bound
        ("1", "0.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("010.0.0.1", "8.0.0.1"),
        ("::1", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("::ffff:127.0.0.1", "::ffff:7f00:1"),
    ],
)
def test_an_address_is_known_however_it_is_written(host: str, address: str) -> None:
    assert literal_address(host) == ip_address(address)


@pytest.mark.parametrize(
    "host", ["example.com", "localhost", "1.2.3.4.5", "256.1.1.1", "0x7g", "", ".", "a.1"]
)
def test_a_name_is_no_address(host: str) -> None:
    assert literal_address(host) is None


@given(address=st.ip_addresses(v=4), parts=st.integers(1, 4), form=st.sampled_from(["", "0x", "0"]))
def test_every_way_to_write_an_address_but_the_plain_one_is_odd(
    address: IPv4Address, parts: int, form: str
) -> None:
    octets = address.packed
    last = int.from_bytes(octets[parts - 1 :], "big")
    numbers = [*octets[: parts - 1], last]
    digits = {"": "{}", "0x": "0x{:x}", "0": "0{:o}"}[form]
    host = ".".join(digits.format(number) for number in numbers)

    assert literal_address(host) == address
    assert written_oddly(host, address) == (host != str(address))
    assert not written_oddly(str(address), address)
