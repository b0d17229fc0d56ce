"""Which texts this process has found to be good keys, so that it need not find out again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from workspaces.sealing.keyring import Purpose, keyring

if TYPE_CHECKING:
    from workspaces.sealing.keyring import Keyring

DIGEST_BYTES = 32
REMEMBERED = 10_000  # texts; about 5 MiB a process


@dataclass(frozen=True, slots=True)
class Known:
    """The key that a text is, and the stored hash that its secret matched."""

    key_id: str
    secret_hash: str


class _Texts:
    """What is known under one keyring."""

    def __init__(self, ring: Keyring | None) -> None:
        self.ring = ring
        self.known: dict[bytes, Known] = {}
        key = ring.current(Purpose.MEMO).material if ring else b""
        self._keyed = blake2b(key=key, digest_size=DIGEST_BYTES)

    def digest(self, text: str) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(text.encode())
        return keyed.digest()


class Memo:
    """Texts by their keyed BLAKE2b (RFC 7693) under the memo key: none of them, and no secret.

    The oldest are forgotten; all of them when the keyring changes, for it may no longer hold the
    key that made a tag. To find one takes no lock: the lock is for those who change something.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._texts = _Texts(None)

    def find(self, text: str) -> Known | None:
        """What is known of the text. Whether its key still has that hash is for others to say."""
        ring, texts = keyring(), self._texts
        if texts.ring is not ring:
            self._texts = texts = _Texts(ring)
        return texts.known.get(texts.digest(text))

    def remember(self, text: str, known: Known, ring: Keyring) -> None:
        """Keep what was found out about the text while `ring` was the keyring."""
        with self._lock:
            texts = self._texts
            if texts.ring is not ring:  # what its tag was checked with may be gone
                return
            texts.known[texts.digest(text)] = known
            while len(texts.known) > self._size:
                del texts.known[next(iter(texts.known))]

    def clear(self) -> None:
        self._texts = _Texts(None)


memo = Memo(REMEMBERED)
