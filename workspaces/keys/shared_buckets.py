"""The buckets that all processes on all hosts take from, in Redis.

A process takes tokens in lots, and may use them for `LIFE` seconds. So a bucket holds less than
may still be used, and if it filled up to the limit meanwhile, more than that could get in at once.
It therefore knows what it lent in this *slot* of `SLOT` seconds and in the one before, and fills
up to the limit less that; older lots have ended. A process that comes for the next lot settles the
last one: what it used is lent no more, and what it did not use goes back. One that does not come
again hands nothing back, and its lot counts as used.

Whatever is lost on the way (an answer, a process) loses tokens, and makes none. The time is the
server's own: the clocks of two hosts are never compared. Set forward, it fills buckets early.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .quota import WINDOW

if TYPE_CHECKING:
    from workspaces.redis_server import Server

LIFE = 5.0  # seconds
SLOT = 5.5  # seconds; longer than a lot's life, by more than two clocks drift apart in it
SHARE = 8  # of what is left, a lot is at most this part: the last ones are for whoever comes first

SCRIPT = f"""
local limit, want = tonumber(ARGV[1]), tonumber(ARGV[2])
local settled_slot, settled, unused = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local slot = math.floor(now / {SLOT})
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'slot', 'lent', 'before')
local tokens, at = tonumber(kept[1]) or limit, tonumber(kept[2]) or now
local seen = tonumber(kept[3]) or slot
local lent, before = tonumber(kept[4]) or 0, tonumber(kept[5]) or 0
if now < at then  -- the clock was set back
  at, seen = now, slot
end

local function fill(moment)
  tokens = tokens + (moment - at) * limit / {WINDOW}
  tokens = math.min(tokens, math.max(0, limit - lent - before))
  at = moment
end

for _ = 1, 2 do  -- the slots that have ended since: nothing of the one before them is out any more
  if seen < slot then
    seen = seen + 1
    fill(seen * {SLOT})
    lent, before = 0, lent
  end
end
fill(now)

if settled_slot == slot then
  lent = math.max(0, lent - settled)
  tokens = tokens + unused
elseif settled_slot == slot - 1 then
  before = math.max(0, before - settled)
  tokens = tokens + unused
end
tokens = math.min(tokens, math.max(0, limit - lent - before))

local whole = math.floor(tokens + 0.000001)
local taken = math.max(0, math.min(want, whole, math.max(1, math.floor(whole / {SHARE}))))
tokens = tokens - taken
lent = lent + taken
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now,
  'slot', slot, 'lent', lent, 'before', before)
redis.call('PEXPIRE', KEYS[1], {int((WINDOW + 2 * SLOT) * 1000)})
return {{taken, slot, string.format('%.6f', tokens)}}
"""


@dataclass(frozen=True, slots=True)
class Lot:
    """Tokens as they were taken: so many in one slot. Settled, it also says how many are unused."""

    slot: int
    size: int
    unused: int = 0


NO_LOT = Lot(0, 0)


class SharedBuckets:
    """The buckets on one server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def take(self, key_id: str, limit: int, want: int, settled: Lot) -> tuple[Lot, float]:
        """Take up to `want` tokens, and settle an earlier lot; also what is left in the bucket.

        Raises AwayError where the server is away. Then `settled` must not be settled again.
        """
        taken, slot, left = self._server.ask(
            self._script,
            keys=[f"cerbykeys:limit:{key_id}"],
            args=[limit, want, settled.slot, settled.size, settled.unused],
        )
        return Lot(slot, taken), float(left)

    @functools.cached_property
    def _script(self) -> Any:
        return self._server.client.register_script(SCRIPT)
