"""Tells public addresses from private ones, which no request that others configure may reach."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa")
"""Names, and ends of names, that never are of the public internet."""


def is_public_address(text: str) -> bool:
    """Returns whether it is an address of the public internet: no private, loopback, link-local, shared,
    multicast or reserved one, in whatever way it is written into an address of IPv6."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if "%" in text or not _is_global(found):
        return False
    return isinstance(found, IPv4Address) or all(map(_is_global, _embedded_addresses(found)))


def is_public_host(host: str) -> bool:
    """Returns whether a host may be public, as far as its name says: what a name leads to is only known when
    it is looked up."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        labels = host.rstrip(".").lower()
        is_local = any(labels == name or labels.endswith(f".{name}") for name in LOCAL_NAMES)
        return "." in labels and not is_local and not _looks_numeric(labels)
    return is_public_address(host)


def _looks_numeric(name: str) -> bool:
    """Whether it is an address of IPv4 in an unusual form, such as 0x7f.1, which resolvers take too."""
    last = name.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    is_site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or is_site_local)


def _embedded_addresses(address: IPv6Address) -> list[IPv4Address]:
    """Returns the addresses of IPv4 that one of IPv6 leads to. Those of a translator (64:ff9b::) are reserved
    ones, and none that is sent to."""
    found = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    return [one for one in found if one is not None]
