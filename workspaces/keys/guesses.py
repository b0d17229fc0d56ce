"""Holds back wrong secrets under a right tag before argon2 is asked.

At 24 ms each, two hundred a second would leave no core for anything else. Only whoever has the
server's tag key can send them; the tag refuses everyone else. A key in honest use is held back
only while wrong secrets for that very key come in a flood.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Wrong secrets that a process hashes at once, fewer than it has threads: while one is hashed, those
# that need no hash go on.
BURST = 4
PACE = 2  # and how many a second from then on
SUSPECTED = 60  # seconds after its last wrong secret
REMEMBERED = 10_000  # key ids; the longest without a wrong secret are forgotten


class Guesses:
    """The wrong secrets that this process has hashed of late."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: float = BURST
        self._at = clock()
        self._failed: OrderedDict[str, float] = OrderedDict()

    def hold_back(self, key_id: str, *, exists: bool) -> bool:
        """Whether a secret that was not seen before is not to be hashed now.

        In a flood none is for a key that does not exist, or that wrong secrets came for. Any other
        takes one of those that may be hashed; `matched` gives it back.
        """
        with self._lock:
            now = self._clock()
            self._refill(now)
            suspect = not exists or now - self._failed.get(key_id, float("-inf")) < SUSPECTED
            if suspect and self._left < 1:
                return True
            self._left = max(self._left - 1, -BURST)
            return False

    def matched(self) -> None:
        """A secret that was not held back was a right one."""
        with self._lock:
            self._left = min(BURST, self._left + 1)

    def failed(self, key_id: str) -> None:
        """A secret that was not held back was a wrong one, of this key."""
        with self._lock:
            self._failed[key_id] = self._clock()
            self._failed.move_to_end(key_id)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def _refill(self, now: float) -> None:
        self._left = min(BURST, self._left + (now - self._at) * PACE)
        self._at = now


guesses = Guesses()
