"""`manage.py work`: a job worker. `quickstart` runs one; more may run, on any host."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from django.core.management import BaseCommand

from workspaces.automation.worker import work

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Carries out the jobs of integrations until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-stdin-ends",
            action="store_true",
            help="stop when standard input ends, as it does when the server is gone",
        )

    def handle(self, *_args: Any, until_stdin_ends: bool, **_options: Any) -> None:
        if until_stdin_ends:
            threading.Thread(target=_stop_at_the_end_of_stdin, daemon=True).start()
        work(ignore_ctrl_c=until_stdin_ends)


def _stop_at_the_end_of_stdin() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
