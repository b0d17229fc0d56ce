"""When a key was last used: noted in memory on the request's way, written by a thread of its own.

A key's first use is written within `FLUSH_SECONDS`, a key in steady use once in `INTERVAL`. What a
process has noted and not yet written when it is killed is lost; one that stops writes it.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import Error, close_old_connections

from workspaces import metrics
from workspaces.periodic import Periodic

from .models import KeyUsage

if TYPE_CHECKING:
    from uuid import UUID

    from workspaces.actor import ActingKey

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
INTERVAL = 60.0  # seconds
REMEMBERED = 10_000  # keys; one that is forgotten is written once more than it need be


class Recorder:
    """The uses that this process has noted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # When each key's use was last taken down, in seconds since 1970.
        self._noted: dict[str, float] = {}
        self._unwritten: dict[UUID, float] = {}
        self._flushing = Periodic(self._flush_with_a_good_connection, FLUSH_SECONDS)

    def note(self, key: ActingKey) -> None:
        """Note that the key opens the API now; asks nothing of the database."""
        now = time.time()
        if now - INTERVAL < self._noted.get(key.key_id, 0) <= now:
            return
        with self._lock:
            if len(self._noted) >= REMEMBERED:
                self._noted.clear()
            self._noted[key.key_id] = self._unwritten[key.id] = now
            metrics.usage_backlog.set(len(self._unwritten))
        self._flushing.begin()

    def last_noted(self, key: ActingKey) -> datetime | None:
        """When this process last took down a use of the key: within `INTERVAL`, while it asks."""
        noted = self._noted.get(key.key_id)
        return _moment(noted) if noted else None

    def flush(self) -> None:
        """Write what was noted; what cannot be written now is tried again with the next."""
        with self._lock:
            writing, self._unwritten = self._unwritten, {}
        if not writing:
            return
        try:
            KeyUsage.objects.bulk_create(
                [KeyUsage(key_id=key, last_used_at=_moment(at)) for key, at in writing.items()],
                update_conflicts=True,
                unique_fields=["key"],
                update_fields=["last_used_at"],
                batch_size=500,
            )
        except Error:
            logger.warning("the uses of %d API keys were not recorded", len(writing), exc_info=True)
            with self._lock:
                self._unwritten = {**writing, **self._unwritten}
        metrics.usage_backlog.set(len(self._unwritten))

    def _flush_with_a_good_connection(self) -> None:
        close_old_connections()
        self.flush()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


recorder = Recorder()
