"""The first start of all, which later ones go on from a copy of; and what is logged."""

import io
import json
import logging
import os
import re
import signal
from types import SimpleNamespace

import pytest
from structlog.stdlib import ProcessorFormatter

from tests.sharing import once
from tests.site.servers import modified, started


@pytest.fixture(scope="session")
def first(shared_folder):
    """The first start, ended by Ctrl-C, which reaches every process of the terminal.

    Its `folder` is shared by the processes of the tests, and stays as it is: copy it.
    """
    return once(shared_folder, "first-start", lambda: _first(shared_folder / "first-start" / "var"))


def _first(folder):
    folder.parent.mkdir()
    with started(folder) as server:
        page = server.get("/accounts/login/?next=/hunter2/")
        style = server.get(re.search(r'href="(/static/css/[^"]+\.css)"', page.body)[1])
        ready = server.get("/readyz")
        workers = server.workers()
        os.killpg(server.process.pid, signal.SIGINT)
        return SimpleNamespace(
            folder=folder,
            page=page,
            style=style,
            ready=ready,
            workers=workers,
            ended=server.process.wait(20),
            printed=server.printed(),
            files=modified(folder),
        )


@pytest.fixture(scope="session")
def folder(first):
    """The data folder that the first start has left, to be copied."""
    return first.folder


@pytest.fixture
def lines(monkeypatch):
    """What was logged so far, parsed."""
    written = io.StringIO()
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, ProcessorFormatter):
            monkeypatch.setattr(handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]
