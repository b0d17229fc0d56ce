"""For how long a process may trust what it remembers, and the wait of what takes something away.

A process serves from memory for at most `SECONDS` after the start of its last look at the
database's epoch (`workspaces.keys.facts`). What takes something away calls `outlast` in its
transaction, and so answers only when every process, on whatever host, has looked again: no
request that begins after that answer is let in. Nothing here compares the clocks of two hosts.
"""

from __future__ import annotations

import threading
import time

from django.db import transaction

SECONDS = 0.25

_waited = threading.local()


def outlast() -> None:
    """Hold this thread, once the transaction is committed, until its lease is over everywhere.

    However often it is called in a transaction, the thread waits once.
    """
    asked_at = time.monotonic()

    def wait() -> None:
        # A wait that began after this was asked for began after the commit that it is about.
        if getattr(_waited, "since", float("-inf")) < asked_at:
            _waited.since = time.monotonic()
            time.sleep(SECONDS)

    transaction.on_commit(wait)
