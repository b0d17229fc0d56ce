"""The job worker beside the server."""

import os
import sys

from cerbykeys import beside
from tests.site.servers import wait_until

TELLS_ITS_GROUP = (
    "import os, sys; open(sys.argv[1], 'w').write(str(os.getpgrp())); sys.stdin.read()"
)


def test_ctrl_c_in_a_terminal_reaches_the_server_alone(monkeypatch, tmp_path):
    told = tmp_path / "group"
    monkeypatch.setattr(beside, "COMMAND", [sys.executable, "-c", TELLS_ITS_GROUP, str(told)])
    with beside.worker_beside():
        wait_until(lambda: told.exists() and told.read_text())
    assert int(told.read_text()) != os.getpgrp()
