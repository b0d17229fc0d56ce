"""What is done every so often beside the requests, in a thread, and once more in the end.

So a request does no more than note what it has to tell, and who is told learns it a moment later.
"""

from __future__ import annotations

import threading
from multiprocessing import util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Periodic:
    """Calls `task`, which raises nothing, every so many seconds from the first `begin` on."""

    def __init__(self, task: Callable[[], None], seconds: float) -> None:
        self._task = task
        self._seconds = seconds
        self._lock = threading.Lock()
        self.begun = False

    def begin(self) -> None:
        """Begin, where it has not begun in this process; to ask `begun` before costs less."""
        with self._lock:
            if self.begun:
                return
            self.begun = True
            threading.Thread(target=self._go_on, daemon=True).start()
            # Workers end by `os._exit`, which runs these and no atexit handler.
            util.Finalize(None, self._task, exitpriority=1)

    def _go_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._seconds):
            self._task()
