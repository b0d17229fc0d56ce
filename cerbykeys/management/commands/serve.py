"""`manage.py serve`: serves on a host that has been prepared; `manage.py work` carries out jobs."""

from __future__ import annotations

import os
from typing import Any

from django.core.management import BaseCommand

from cerbykeys import database, preparing, server


class Command(BaseCommand):
    help = "Serves until Ctrl-C; or until SIGTERM, after which load balancers are told first."
    # Run below, after what is told in one line.
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        # Whatever is written from here on is this user's alone: mail kept in files, logs.
        os.umask(0o077)
        server.refuse_busy_port()
        preparing.refuse_unusable()
        preparing.refuse_unprepared()
        self.check()
        self.stdout.write(f"cerbykeys is served at {server.url()}")
        self.stdout.flush()
        database.close()
        server.serve(drain=True)
