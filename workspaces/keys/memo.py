"""Which texts this process has found to be good keys, so that it need not find out again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from workspaces.sealing.keyring import Purpose, keyring

if TYPE_CHECKING:
    from workspaces.sealing.keyring import Keyring

DIGEST_BYTES = 32
REMEMBERED = 10_000  # texts; about 5 MiB a process


class Known(NamedTuple):
    """The key that a text is, and the stored hash that its secret matched."""

    key_id: str
    secret_hash: str


class Memo:
    """Texts by their keyed BLAKE2b (RFC 7693) under the memo key: none of them, and no secret.

    The least recently used are forgotten; all of them when the keyring changes, for it may no
    longer hold the key that made a tag.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._ring: Keyring | None = None
        self._keyed = blake2b()

    def find(self, text: str) -> Known | None:
        """What is known of the text. Whether its key still has that hash is for others to say."""
        ring = keyring()
        with self._lock:
            if ring is not self._ring:
                self._ring = ring
                key = ring.current(Purpose.MEMO).material
                self._keyed = blake2b(key=key, digest_size=DIGEST_BYTES)
                self._known.clear()
            digest = self._digest(text)
            known = self._known.get(digest)
            if known is not None:
                self._known.move_to_end(digest)
            return known

    def remember(self, text: str, known: Known, ring: Keyring) -> None:
        """Keep what was found out about the text while `ring` was the keyring."""
        with self._lock:
            if ring is not self._ring:  # what its tag was checked with may be gone
                return
            self._known[self._digest(text)] = known
            while len(self._known) > self._size:
                self._known.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()

    def _digest(self, text: str) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(text.encode())
        return keyed.digest()


memo = Memo(REMEMBERED)
