"""Runs a job worker beside the server, and another one where it dies."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--until-stdin-ends"]
STOP_SECONDS = 15
RESPAWN_SECONDS = 1


@contextmanager
def worker_beside() -> Iterator[None]:
    """While the block runs, so does a worker; it ends with it, even where we are killed."""
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep, args=[stopping], daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join()


def _keep(stopping: threading.Event) -> None:
    while not stopping.is_set():
        # Its standard input ends with us, and so does the worker. In a group of its own, Ctrl-C
        # in a terminal does not reach it, which it would not understand while it starts.
        with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, process_group=0) as process:  # noqa: S603  (our own command)
            while process.poll() is None and not stopping.wait(RESPAWN_SECONDS):
                pass
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
