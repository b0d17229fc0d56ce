"""`manage.py quickstart`: everything between a fresh checkout and a page in the browser."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command
from django.db import connections

from cerbykeys import database, env, server
from cerbykeys.beside import worker_beside
from cerbykeys.demo import create_demo
from workspaces.sealing.keyring import keyring

# The API reference is Swagger's.
UNUSED = ["redoc*"]


class Command(BaseCommand):
    help = "Prepares the data folder and the database, makes the demo workspaces once, and serves."
    # Run below, after what is told in one line.
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        # Whatever is written from here on is this user's alone: the database, reset links, logs.
        os.umask(0o077)
        server.refuse_busy_port()
        keyring()
        database.refuse_unusable()
        self.check()
        call_command("migrate", interactive=False, verbosity=0)
        database.refuse_foreign_keyring()
        call_command("createcachetable", verbosity=0)
        call_command("clear_expired", verbosity=0)
        collect_static()

        password = env.text("CERBYKEYS_DEMO_PASSWORD") or secrets.token_urlsafe(12)
        self.welcome(password if create_demo(password) else None)
        for connection in connections.all(initialized_only=True):
            connection.close()
            if hasattr(connection, "close_pool"):
                connection.close_pool()
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


def collect_static() -> None:
    """Copy, name and compress the static files, unless they are those of the last time."""
    stamp = settings.DATA_DIR / "static.sha256"
    now = _fingerprint()
    done = (settings.STATIC_ROOT / "staticfiles.json").exists() and stamp.exists()
    if not done or stamp.read_text(encoding="ascii") != now:
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
        stamp.write_text(now, encoding="ascii")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(UNUSED):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
