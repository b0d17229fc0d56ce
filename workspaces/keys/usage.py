"""When a key was last used: written at most once a minute, and never in the way of the request."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction
from django.utils import timezone

from .models import KeyUsage

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

logger = logging.getLogger(__name__)

INTERVAL = timedelta(minutes=1)
REMEMBERED = 10_000  # keys; forgetting one costs a query

_lock = threading.Lock()
_written: dict[UUID, datetime] = {}


def record_use(key_id: UUID) -> None:
    """Note that the key opens the API now; a failure is logged and otherwise ignored."""
    now = timezone.now()
    with _lock:
        last = _written.get(key_id)
        if last is not None and now - INTERVAL < last <= now:
            return
        if len(_written) >= REMEMBERED:
            _written.clear()
        _written[key_id] = now
    try:
        with transaction.atomic():
            _write(key_id, now)
    except DatabaseError:
        logger.warning("the use of API key %s was not recorded", key_id, exc_info=True)


def _write(key_id: UUID, now: datetime) -> None:
    """Other processes write too: theirs counts where it is recent enough."""
    usage = KeyUsage.objects.filter(key_id=key_id)
    if usage.filter(last_used_at__lte=now - INTERVAL).update(last_used_at=now):
        return
    if not usage.exists():
        KeyUsage.objects.bulk_create(
            [KeyUsage(key_id=key_id, last_used_at=now)], ignore_conflicts=True
        )
