"""Whose word is taken for where a request came from."""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


class TrustedProxiesMiddleware:
    """Puts the client's address into REMOTE_ADDR where a trusted proxy passed the request on.

    Every proxy appends the address it was called from, so the client is the last one that is not
    a proxy of ours. From anyone else, what is said in forwarding headers is dropped: nothing
    further in (the scheme, sign-in limits, the address in an activity) can be talked into it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        peer = _address(meta.get("REMOTE_ADDR", ""))
        if _trusted(peer):
            meta["REMOTE_ADDR"] = str(_client(peer, meta.get("HTTP_X_FORWARDED_FOR", "")))
        elif "FORWARDED" in "\n".join(meta):  # quicker than to look at each name
            for name in [
                name for name in meta if name.startswith(("HTTP_X_FORWARDED_", "HTTP_FORWARDED"))
            ]:
                del meta[name]
        return self.get_response(request)


def _client(peer: Address | None, forwarded_for: str) -> Address | None:
    """The right-most address that is no trusted proxy; the last good one where none is left."""
    client = peer
    for word in reversed(forwarded_for.split(",")):
        address = _address(word)
        if address is None:
            break
        client = address
        if not _trusted(address):
            break
    return client


def _trusted(address: Address | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


@functools.lru_cache(maxsize=64)  # the same few ask again and again; a word may be long
def _address(word: str) -> Address | None:
    """The address in `word`, perhaps with port, brackets or quotes; None for anything else."""
    word = word.strip().strip('"')
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return None
    # A dual-stack socket shows an IPv4 client as ::ffff:192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address
