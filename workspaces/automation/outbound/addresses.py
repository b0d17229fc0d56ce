"""Which hosts connectors may call: those that the operator names, and no others.

A name is resolved once; the address that was looked at is the one that is called, so that a name
cannot point elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from django.conf import settings

from workspaces.automation.connectors.base import ConnectorError, ErrorType

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

PORTS = {"https": 443, "http": 80}

# Where IPv4 addresses hide inside IPv6 ones (RFC 6052), besides those that Python knows.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# All that is routed in public; beside it are site-local addresses and local translations to IPv4.
_UNICAST = ipaddress.IPv6Network("2000::/3")


def require_listed(scheme: str, host: str, port: int | None) -> bool:
    """Whether the operator names this very host. Raises ConnectorError where it is not listed."""
    if scheme not in PORTS:
        raise _refused("Only addresses that begin with https:// or http:// are called.")
    host, port = _plain(host), port or PORTS[scheme]
    named, listed = _listed(host, port, PORTS[scheme])
    if not listed:
        msg = f"{host} port {port} is not among the hosts in CERBYKEYS_CONNECTOR_HOSTS."
        raise _refused(msg)
    return named


def allowed_address(scheme: str, host: str, port: int | None) -> str:
    """The IP address to call for `host`. Raises ConnectorError where it may not be called."""
    named = require_listed(scheme, host, port)
    host = _plain(host)
    addresses = _resolve(host, port or PORTS[scheme])
    if not named and (inner := [address for address in addresses if not _is_public(address)]):
        msg = (
            f"{host} leads to {inner[0]}, which is no public address: "
            "CERBYKEYS_CONNECTOR_HOSTS has to name this very host."
        )
        raise _refused(msg)
    return str(addresses[0])


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _listed(host: str, port: int, usual_port: int) -> tuple[bool, bool]:
    """Whether the host is named itself, and whether it is listed at all."""
    named = below = False
    for pattern in settings.CONNECTOR_HOSTS:
        wanted, _, wanted_port = pattern.rpartition(":")
        if not wanted or not wanted_port.isdecimal():
            wanted, wanted_port = pattern, str(usual_port)
        wanted = wanted.strip("[]").lower()
        if int(wanted_port) == port:
            named = named or wanted == host
            below = below or (wanted.startswith(".") and host.endswith(wanted))
    return named, named or below


def _resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        msg = f"There is no address for {host}."
        raise ConnectorError(ErrorType.UNREACHABLE, msg) from None
    return [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _refused(reason: str) -> ConnectorError:
    return ConnectorError(ErrorType.HOST_REFUSED, reason)
