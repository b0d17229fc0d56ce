"""The first start of all, whose data folder later ones go on from; and what is logged."""

import io
import json
import logging
import os
import re
import signal
from types import SimpleNamespace

import pytest
from structlog.stdlib import ProcessorFormatter

from tests.site.servers import modified, started


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("quickstart") / "var"


@pytest.fixture(scope="session")
def first(folder):
    """The first start, ended by Ctrl-C, which reaches every process of the terminal."""
    with started(folder) as server:
        page = server.get("/accounts/login/?next=/hunter2/")
        style = server.get(re.search(r'href="(/static/css/[^"]+\.css)"', page.body)[1])
        ready = server.get("/readyz")
        workers = server.workers()
        os.killpg(server.process.pid, signal.SIGINT)
        return SimpleNamespace(
            page=page,
            style=style,
            ready=ready,
            workers=workers,
            ended=server.process.wait(20),
            printed=server.printed(),
            files=modified(folder),
        )


@pytest.fixture
def lines(monkeypatch):
    """What was logged so far, parsed."""
    written = io.StringIO()
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, ProcessorFormatter):
            monkeypatch.setattr(handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]
