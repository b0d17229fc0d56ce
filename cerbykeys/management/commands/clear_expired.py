"""`manage.py clear_expired`: what has had its time leaves the database."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, call_command

from workspaces.contract.idempotency import forget_expired


class Command(BaseCommand):
    help = "Deletes sessions that have ended, and answers kept for an Idempotency-Key after 24 h."

    def handle(self, *, verbosity: int, **_options: Any) -> None:
        call_command("clearsessions", verbosity=0)
        count = forget_expired()
        if verbosity:
            self.stdout.write(f"{count} expired answers and all ended sessions are deleted.")
