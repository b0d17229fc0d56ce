"""When a key was last used: noted in memory on the request's way, written by a thread of its own.

A key's first use is written within `FLUSH_SECONDS`, a key in steady use once in `INTERVAL`. What a
process has noted and not yet written when it is killed is lost; one that stops writes it.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from multiprocessing import util
from typing import TYPE_CHECKING

from django.db import Error, close_old_connections
from django.utils import timezone

from workspaces import metrics

from .models import KeyUsage

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
INTERVAL = timedelta(minutes=1)
REMEMBERED = 10_000  # keys; one that is forgotten is written once more than it need be


class Recorder:
    """The uses that this process has noted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: dict[UUID, datetime] = {}  # when each key's use was last taken down
        self._unwritten: dict[UUID, datetime] = {}
        self._thread: threading.Thread | None = None

    def note(self, key_id: UUID) -> None:
        """Note that the key opens the API now; asks nothing of the database."""
        now = timezone.now()
        with self._lock:
            last = self._noted.get(key_id)
            if last is not None and now - INTERVAL < last <= now:
                return
            if len(self._noted) >= REMEMBERED:
                self._noted.clear()
            self._noted[key_id] = self._unwritten[key_id] = now
            metrics.usage_backlog.set(len(self._unwritten))
            if self._thread is None:
                self._start()

    def last_noted(self, key_id: UUID) -> datetime | None:
        """When this process last took down a use of the key: within `INTERVAL`, while it asks."""
        return self._noted.get(key_id)

    def flush(self) -> None:
        """Write what was noted; what cannot be written now is tried again with the next."""
        with self._lock:
            writing, self._unwritten = self._unwritten, {}
        if not writing:
            return
        try:
            KeyUsage.objects.bulk_create(
                [KeyUsage(key_id=key_id, last_used_at=at) for key_id, at in writing.items()],
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

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._flush_now_and_then, daemon=True)
        self._thread.start()
        # Workers end by `os._exit`, which runs these and no atexit handler.
        util.Finalize(None, self.flush, exitpriority=1)

    def _flush_now_and_then(self) -> None:
        pause = threading.Event()
        while not pause.wait(FLUSH_SECONDS):
            close_old_connections()
            self.flush()


recorder = Recorder()
