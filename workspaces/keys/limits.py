"""How many requests a minute a key may make: a token bucket for each key.

A bucket holds a minute's requests and fills evenly. With Redis, all processes of all hosts take
from one: in lots, so that few requests ask Redis, and never more in all than the bucket gives.
Without it, and while it is away, each process counts for itself (`counts`), and a key is never let
over its limit by one process.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.conf import settings

from workspaces import redis_server

from .counts import Counts
from .quota import WINDOW, Quota
from .shared_buckets import LIFE, NO_LOT, Lot, SharedBuckets

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED = 10_000  # keys; beyond, those that nobody has asked with within a minute are forgotten
# A lot is at most this part of the limit, so that little lies idle where few requests come, and no
# more than so many tokens. Of a limit up to `PARTS` requests, each token is taken for itself.
PARTS = 40
MOST = 100
# An empty bucket is not asked again sooner, however fast it fills: a flood of requests that are
# refused anyway asks Redis twenty times a second.
SHORTEST_PAUSE = 0.05  # seconds


class Buckets:
    """What this process knows of the buckets that all take from."""

    def __init__(self, shared: SharedBuckets, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shared = shared
        self._counts = Counts(clock)
        self._known: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key_id: str, limit: int) -> Quota:
        """Take one of the key's `limit` requests a minute."""
        with self._lock:
            now = self._clock()
            bucket = self._bucket(key_id, limit, now)
            quota = bucket.take_from_lot(now)
            if quota is not None:
                return quota
            want, settled = bucket.begin_to_ask(now)
        # Without the lock: nobody waits for Redis because another one does.
        try:
            lot, left = self._shared.take(key_id, limit, want, settled)
        except redis_server.AwayError:
            with self._lock:
                bucket.asking -= 1
                left = bucket.left * limit / bucket.limit  # another thread may know a new limit
            # It goes on from what was in the bucket when that was last known.
            return self._counts.take_of(left, key_id, limit)
        with self._lock:
            bucket.asking -= 1
            return bucket.receive(lot, left, now)

    def _bucket(self, key_id: str, limit: int, now: float) -> _Bucket:
        bucket = self._known.get(key_id)
        if bucket is None:
            bucket = self._known[key_id] = _Bucket(limit, now)
            self._forget(now)
        else:
            self._known.move_to_end(key_id)
            bucket.fill(limit, now)
        return bucket

    def _forget(self, now: float) -> None:
        """Drop what nobody has asked for within a minute: it is full, and has nothing to settle."""
        while len(self._known) > REMEMBERED:
            key_id, bucket = next(iter(self._known.items()))
            if now - bucket.at < WINDOW:
                return
            del self._known[key_id]


class _Bucket:
    """What one process knows of a key's shared bucket, and holds of it; under `Buckets`' lock."""

    __slots__ = (
        "asking",
        "at",
        "empty_until",
        "held",
        "held_until",
        "left",
        "limit",
        "lot",
        "want",
    )

    def __init__(self, limit: int, now: float) -> None:
        self.limit = limit
        self.at = now
        self.left: float = limit  # in all, the lot included, as far as this process knows
        self.lot = NO_LOT  # as it was taken
        self.held = 0  # of that lot, still to be used
        self.held_until = now
        self.want = 1
        self.asking = 0  # threads
        self.empty_until = now

    def fill(self, limit: int, now: float) -> None:
        """Add what came in since the last request."""
        if limit != self.limit:
            self.limit, self.empty_until, self.held_until = limit, now, now
        self.left = min(limit, self.left + (now - self.at) * limit / WINDOW)
        self.at = now

    def take_from_lot(self, now: float) -> Quota | None:
        """Let in or refuse by what this process knows; None where it has to ask."""
        if self.held and now < self.held_until:
            self.held -= 1
            return self._let_in()
        if now < self.empty_until:
            return self._refuse((self.empty_until - now) * self.limit / WINDOW)
        return None

    def begin_to_ask(self, now: float) -> tuple[int, Lot]:
        """How many tokens to ask for, and the lot to settle, which this process now has no more."""
        if self.lot.size:
            used = self.lot.size - self.held
            quickly = now < self.held_until
            self.want = max(1, min(self.want * 2 if quickly else used, self.limit // PARTS, MOST))
        settled = Lot(self.lot.slot, self.lot.size, min(self.held, self.lot.size))
        self.lot, self.held = NO_LOT, 0
        self.asking += 1
        # Who comes while another one asks needs but one token: the others are on their way.
        return (self.want if self.asking == 1 else 1), settled

    def receive(self, lot: Lot, left: float, asked_at: float) -> Quota:
        """Let in by the lot that came, and hold the rest of it; refuse where it is empty."""
        self.left = left + lot.size + self.held
        if not lot.size:
            missing = (1 - left) * WINDOW / self.limit
            self.empty_until = asked_at + max(missing, SHORTEST_PAUSE)
            return self._refuse(1 - left)
        until = asked_at + LIFE
        # Another thread's lot may have come in between. Settled can be what is of one slot; what
        # is left of an older one is used up with it, and as early as the first of them has to be.
        self.held_until = min(until, self.held_until) if self.held else until
        self.held += lot.size - 1
        same = lot.slot == self.lot.slot
        self.lot = Lot(lot.slot, self.lot.size + lot.size if same else lot.size)
        return self._let_in()

    def _let_in(self) -> Quota:
        self.left = self.left - 1 if self.left > 1 else 0
        reset = math.ceil((self.limit - self.left) * WINDOW / self.limit)
        return Quota(self.limit, int(self.left), reset)

    def _refuse(self, missing: float) -> Quota:
        reset = math.ceil((self.limit - self.left) * WINDOW / self.limit)
        wait = math.ceil(missing * WINDOW / self.limit)
        return Quota(self.limit, 0, reset, max(1, wait))


buckets: Buckets | Counts = (
    Buckets(SharedBuckets(redis_server.at(settings.REDIS_URL))) if settings.REDIS_URL else Counts()
)
