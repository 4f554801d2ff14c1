"""Where a request comes from on the network, and whether that is inside a store."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import Request

Address = IPv4Address | IPv6Address


def client_address(request: Request) -> Address | None:
    """The client's address; None if the server cannot know it, as on a Unix socket.

    What a proxy says of it counts where SHOPBELL_PROXIES names that proxy; else it is the proxy's own.
    """
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found


def is_within(address: Address | None, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of these networks."""
    return address is not None and any(address in ip_network(network) for network in networks)


def network_of(request: Request) -> str:
    """Whom a limit counts as one: an IPv4 address, or the 64 bits that an IPv6 customer is given whole."""
    address = client_address(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or "")
