"""The job worker: takes entries from the queue, and up again what a dead one left."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.db import Error, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from workspaces import deadlines

from . import engine, lifecycle

if TYPE_CHECKING:
    from types import FrameType

logger = structlog.get_logger(__name__)

# How long a new job waits at most before someone looks.
INTERVAL = 0.5
TIDY_SECONDS = 5.0
KEEP_ENTRIES = timedelta(days=1)


class JobWorker(Worker):
    """Runs everything that is ready, in one go; looks after what was left in between."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            interval=INTERVAL,
            batch=True,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self._tidied = 0.0

    def work(self) -> None:
        """Work until SIGTERM; what is under way then is put back where it can be."""
        while self.running:
            try:
                self._tidy()
                self.run()
            except Error as error:
                # Whatever was under way is taken up again when its lease has ended.
                logger.warning("database_unavailable", reason=str(error).partition("\n")[0])
                connection.close()
            time.sleep(INTERVAL)

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        engine.stopping.set()
        super().shutdown(signum, frame)

    def run_task(self, db_task_result: DBTaskResult[Any, Any]) -> None:
        super().run_task(db_task_result)
        self._tidy()

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied < TIDY_SECONDS:
            return
        lifecycle.take_up_again()
        DBTaskResult.objects.finished().filter(
            finished_at__lt=timezone.now() - KEEP_ENTRIES
        ).delete()
        self._tidied = time.monotonic()


def work(*, ignore_ctrl_c: bool) -> None:
    """Run a worker until it is told to stop. Ctrl-C may be for the server that started it."""
    deadlines.impose()
    worker = JobWorker()
    worker.configure_signals()
    if ignore_ctrl_c:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.work()
