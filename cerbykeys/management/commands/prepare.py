"""`manage.py prepare`: what a host needs before it serves, made by one host at a time."""

from __future__ import annotations

import os
from typing import Any

from django.core.management import BaseCommand

from cerbykeys import preparing


class Command(BaseCommand):
    help = "Makes the data folder where it is missing, migrates, and collects the static files."
    # Run below, after what is told in one line.
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        # Whatever is written from here on is this user's alone.
        os.umask(0o077)
        preparing.refuse_unusable()
        self.check()
        preparing.prepare()
        self.stdout.write("Prepared: 'manage.py serve' may start, on this version.")
