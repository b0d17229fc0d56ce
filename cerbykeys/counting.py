"""The folder in which all processes of a server count, for `/metrics`.

Before `workspaces.metrics` is loaded, prometheus_client has to know that there is one: its
multiprocess mode gives each process files of its own there, forked ones included.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def counted_together() -> Iterator[None]:
    """While the block runs, this process and those it starts count together, from nothing.

    Raises ImproperlyConfigured where no folder for temporary files can be written.
    """
    try:
        folder = TemporaryDirectory(prefix="cerbykeys-metrics-", ignore_cleanup_errors=True)
    except OSError as error:
        msg = (
            f"there is no folder for temporary files ({error.strerror}): "
            "let this user write /tmp, or name another in TMPDIR."
        )
        raise ImproperlyConfigured(msg) from None
    with folder as path:
        # What tidies /tmp by age passes over a folder that is locked (systemd-tmpfiles).
        lock = os.open(path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_SH)
        os.environ[FOLDER] = path
        try:
            yield
        finally:
            del os.environ[FOLDER]
            os.close(lock)
