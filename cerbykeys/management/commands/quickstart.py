"""`manage.py quickstart`: everything between a fresh checkout and a page in the browser."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.core.management import BaseCommand

from cerbykeys import database, env, preparing, server
from cerbykeys.beside import worker_beside
from cerbykeys.demo import create_demo


class Command(BaseCommand):
    help = "Prepares the data folder and the database, makes the demo workspaces once, and serves."
    # Run below, after what is told in one line.
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        # Whatever is written from here on is this user's alone: the database, reset links, logs.
        os.umask(0o077)
        server.refuse_busy_port()
        preparing.refuse_unusable()
        self.check()
        preparing.prepare()

        password = env.text("CERBYKEYS_DEMO_PASSWORD") or secrets.token_urlsafe(12)
        self.welcome(password if create_demo(password) else None)
        database.close()
        with worker_beside():
            server.serve()

    def welcome(self, password: str | None) -> None:
        url = server.url()
        lines = [
            f"cerbykeys is served at {url}",
            "",
            f"  Sign in    {url}accounts/login/",
            "  as         owner@acme.example; or superadmin@, admin@, user@, loginonly@, guest@;",
            "             or owner@globex.example",
            f"  Password   {password}   (shown this once)"
            if password
            else "  Password   as shown at the first start; to set another one:\n"
            "             .venv/bin/python manage.py changepassword owner@acme.example",
            "",
            "Ctrl-C stops it.",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
