"""How many requests a minute a key may make, by the count of one process.

The count is how long a key's bucket has yet to fill; a request adds its part of a minute to that
(GCRA, as ITU-T I.371 names it). Of a key that asks often, several requests are let in at once: a
*lot*, out of which they are taken without a lock as they come.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from .quota import WINDOW, Quota

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED = 10_000  # keys; beyond, now and then, those whose bucket is full again are forgotten
LIFE = 0.05  # seconds for which a lot is good
MOST = 100  # requests in a lot
# By which a minute's sums may be wrong: less than any one request of them.
TINY = 1e-6  # seconds


class _Lot:
    """Requests that are let in until a moment, and with what the last one before them was told."""

    __slots__ = ("filling", "limit", "numbers", "one", "remaining", "size", "until")

    def __init__(self, before: Quota, filling: float, size: int, until: float) -> None:
        self.limit = before.limit
        self.remaining = before.remaining
        self.filling = filling
        self.one = WINDOW / before.limit
        self.size = size
        self.until = until
        # To take one out of a deque needs no lock.
        self.numbers = deque(range(1, size + 1))

    def close(self) -> int:
        """How many came; no more are let in."""
        unused = 0
        try:
            while True:
                self.numbers.popleft()
                unused += 1
        except IndexError:
            return self.size - unused


class _Bucket:
    """How many seconds a bucket had to fill, when that was so, and what may come from then on.

    The moment at which it will be full is their sum, but the sums of a busy minute would be wrong
    by more than a request after some months.
    """

    __slots__ = ("at", "filling", "lot", "used")

    def __init__(self, now: float) -> None:
        self.at = now
        self.filling = 0.0
        self.lot: _Lot | None = None
        self.used = 0  # requests that were let in when it was last taken from

    def settle(self, now: float) -> None:
        """Count what came of the lot: as late as that can have been, and so never too little."""
        if self.lot is not None:
            came = self.lot.close()
            self._fill(min(now, self.lot.until))
            self.filling += came * WINDOW / self.lot.limit
            self.used += came
            self.lot = None
        self._fill(now)

    def _fill(self, now: float) -> None:
        self.filling = max(0.0, self.filling - (now - self.at))
        self.at = now

    def is_full(self, now: float) -> bool:
        """Whether it is full, and nothing of it is out."""
        if self.lot is not None and self.lot.until <= now:
            self.settle(now)
        return self.lot is None and self.filling <= now - self.at


class Counts:
    """The buckets of all keys that this process has seen within the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._most = REMEMBERED
        self._lock = threading.Lock()

    def take(self, key_id: str, limit: int) -> Quota:
        """Take one of the key's `limit` requests a minute."""
        bucket = self._buckets.get(key_id)
        lot = bucket.lot if bucket is not None else None
        if lot is not None and lot.limit == limit and self._clock() < lot.until:
            try:
                number = lot.numbers.popleft()
            except IndexError:
                pass  # all of it is taken
            else:
                reset = math.ceil(lot.filling + lot.one * number - TINY)
                # As `Quota(…)` does, for half of what that takes.
                return tuple.__new__(Quota, (limit, lot.remaining - number, reset, 0))
        with self._lock:
            return self._take_anew(key_id, limit, self._clock())

    def take_of(self, left: float, key_id: str, limit: int) -> Quota:
        """Take one out of a bucket that holds no more than `left`."""
        with self._lock:
            now = self._clock()
            bucket = self._bucket(key_id, now)
            bucket.settle(now)
            bucket.filling = max(bucket.filling, (limit - left) * WINDOW / limit)
            return self._let_in(bucket, limit, 1, now)

    def _take_anew(self, key_id: str, limit: int, now: float) -> Quota:
        bucket = self._bucket(key_id, now)
        passed = now - bucket.at
        bucket.settle(now)
        soon = bucket.used * LIFE / max(passed, TINY)  # come, if they go on as they came
        return self._let_in(bucket, limit, min(soon, MOST), now)

    def _let_in(self, bucket: _Bucket, limit: int, most: float, now: float) -> Quota:
        """Let a request in, and up to `most` with it; or none."""
        filling, one = bucket.filling, WINDOW / limit
        room = int((WINDOW - filling + TINY) / one)
        if room < 1:
            wait = math.ceil(filling + one - WINDOW - TINY)
            return Quota(limit, 0, math.ceil(filling - TINY), max(1, wait))
        size = int(min(most, room))
        bucket.filling, bucket.used = filling + one, 1
        quota = Quota(limit, room - 1, math.ceil(bucket.filling - TINY))
        if size > 1:
            bucket.lot = _Lot(quota, bucket.filling, size - 1, now + LIFE)
        return quota

    def _bucket(self, key_id: str, now: float) -> _Bucket:
        bucket = self._buckets.get(key_id)
        if bucket is None:
            if len(self._buckets) >= self._most:
                self._forget(now)
            bucket = self._buckets[key_id] = _Bucket(now)
        return bucket

    def _forget(self, now: float) -> None:
        """Forget full buckets, which changes nothing.

        Until there are twice as many as are not, lest they be looked through for each new key.
        """
        kept = {key_id: each for key_id, each in self._buckets.items() if not each.is_full(now)}
        self._buckets, self._most = kept, max(REMEMBERED, 2 * len(kept))
