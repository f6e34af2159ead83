"""Which addresses belong to the public internet, and what the others are for.

The blocks are those of IANA's special-purpose registries; of IPv6 it hands out 2000::/3 only.
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

__all__ = ["Address", "Network", "literal_address", "purpose_of", "written_oddly"]

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# The first block with an address in it says what that is for: small ones before large ones.
_BLOCKS_4: Final = tuple(
    (IPv4Network(block), purpose)
    for block, purpose in (
        ("0.0.0.0/32", "unspecified"),
        ("0.0.0.0/8", "reserved"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_BLOCKS_6: Final = tuple(
    (IPv6Network(block), purpose)
    for block, purpose in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("100::/64", "discard-only"),
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "benchmarking"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_HANDED_OUT_6: Final = IPv6Network("2000::/3")


def purpose_of(address: Address) -> str | None:
    """Return what an address is for, such as ``"private"``; ``None`` when it is a public one."""
    if isinstance(address, IPv4Address):
        return next((purpose for block, purpose in _BLOCKS_4 if address in block), None)
    purpose = next((purpose for block, purpose in _BLOCKS_6 if address in block), None)
    if purpose is None and address not in _HANDED_OUT_6:
        return "reserved"
    return purpose


def literal_address(host: str) -> Address | None:
    """Return the address that a URL's host is, however it is written; ``None`` when it is a name.

    The system takes ``127.1``, ``0x7f000001``, ``0177.0.0.1`` and ``2130706433`` for 127.0.0.1.
    """
    host = host.removesuffix(".")
    try:
        return ip_address(host)
    except ValueError:
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError:
            return None


def written_oddly(host: str, address: Address) -> bool:
    """Tell whether ``host`` is a way to write ``address`` that not all programs read alike."""
    return isinstance(address, IPv4Address) and host != str(address)
