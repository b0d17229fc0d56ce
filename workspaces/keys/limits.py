"""How many requests a minute a key may make: a token bucket for each key, in this process.

A bucket holds a minute's requests and fills evenly. Its state is this process's own: a key is
never let over its limit by one process, and each process counts for itself.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

WINDOW = 60  # seconds
REMEMBERED = 10_000  # keys; beyond, those whose bucket is full again are forgotten


@dataclass(frozen=True, slots=True)
class Quota:
    """What a key has left after a request; `wait` is not 0 where the request is one too many."""

    limit: int
    remaining: int
    reset: int
    wait: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """The fields of the IETF draft (httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"key";q={self.limit};w={WINDOW}',
            "RateLimit": f'"key";r={self.remaining};t={self.reset}',
        }


class Buckets:
    """The buckets of all keys that this process has seen within the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[UUID, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key_id: UUID, limit: int) -> Quota:
        """Take one of the key's `limit` requests a minute."""
        pace = limit / WINDOW
        with self._lock:
            now = self._clock()
            tokens, at = self._buckets.get(key_id, (limit, now))
            tokens = min(limit, tokens + (now - at) * pace)
            taken = tokens >= 1
            tokens -= taken
            self._buckets[key_id] = (tokens, now)
            self._buckets.move_to_end(key_id)
            self._forget(now)
        return Quota(
            limit=limit,
            remaining=int(tokens),
            reset=math.ceil((limit - tokens) / pace),
            wait=0 if taken else math.ceil((1 - tokens) / pace),
        )

    def _forget(self, now: float) -> None:
        """Drop what has had a whole minute to fill: to forget a full bucket changes nothing."""
        while len(self._buckets) > REMEMBERED:
            key_id, (_tokens, at) = next(iter(self._buckets.items()))
            if now - at < WINDOW:
                return
            del self._buckets[key_id]


buckets = Buckets()
