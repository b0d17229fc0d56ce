"""What a key may still do within its limit, and how an answer says so."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from workspaces.contract.answers import store_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

WINDOW = 60  # seconds in which an empty bucket fills


class Quota(NamedTuple):
    """What a key has left after a request; `wait` is not 0 where the request is one too many.

    `reset` and `wait` are in seconds. It is what this process knows: of a bucket that others take
    from, and of one that has filled a little since, there may be less or more.
    """

    limit: int
    remaining: int
    reset: int
    wait: int = 0

    def tell(self, response: HttpResponseBase) -> None:
        """Add the fields of the IETF draft (httpapi-ratelimit-headers)."""
        store = store_of(response)
        store["ratelimit-policy"] = _policy(self.limit)
        store["ratelimit"] = ("RateLimit", f'"key";r={self.remaining};t={self.reset}')


@functools.lru_cache(maxsize=256)
def _policy(limit: int) -> tuple[str, str]:
    return "RateLimit-Policy", f'"key";q={limit};w={WINDOW}'
