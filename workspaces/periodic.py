"""What is done every so often beside the requests, in a thread, and once more in the end.

So a request does no more than note what it has to tell, and who is told learns it a moment later.
"""

from __future__ import annotations

import logging
import threading
from multiprocessing import util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


logger = logging.getLogger(__name__)


class Periodic:
    """Calls `task` every so many seconds from the first `begin` on; what it raises is logged.

    It is of the process that begins it: one that is forked later has no such thread.
    """

    def __init__(self, task: Callable[[], None], seconds: float) -> None:
        self._task = task
        self._seconds = seconds
        self._lock = threading.Lock()
        self._doing = threading.Lock()
        self.begun = False

    def begin(self) -> None:
        """Begin, where it has not begun; to ask `begun` before costs less."""
        with self._lock:
            if self.begun:
                return
            threading.Thread(target=self._go_on, daemon=True).start()
            # Workers end by `os._exit`, which runs these and no atexit handler.
            util.Finalize(None, self._do, exitpriority=1)
            self.begun = True

    def _go_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._seconds):
            self._do()

    def _do(self) -> None:
        # One at a time: what the thread is at when the process ends, the last one waits for.
        with self._doing:
            try:
                self._task()
            except Exception:
                logger.exception("what is done every so often failed")
