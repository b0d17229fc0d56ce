"""`manage.py demo`: the demo workspaces in a database that another command serves."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management import BaseCommand

from cerbykeys import env
from cerbykeys.demo import create_demo


class Command(BaseCommand):
    help = "Makes the demo workspaces acme and globex, unless they are there already."

    def handle(self, *_args: Any, **_options: Any) -> None:
        password = env.text("CERBYKEYS_DEMO_PASSWORD") or secrets.token_urlsafe(12)
        if create_demo(password):
            self.stdout.write(f"Sign in as owner@acme.example with {password}")
        else:
            self.stdout.write("The demo workspaces are there already.")
