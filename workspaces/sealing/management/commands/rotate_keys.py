"""`manage.py rotate_keys <purpose>`: a new version of a server key, taken up while serving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from workspaces.sealing import rotation
from workspaces.sealing.keyring import Purpose, rotate

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

AFTERWARDS = {
    Purpose.TAG: "New API keys bear the new tag; those in use stay valid.",
    Purpose.MEMO: "Each process checks every API key against its hash once more.",
    Purpose.SEALING: "All data keys are wrapped by the current master key.",
    Purpose.ACTIVITY: "New activities are signed with the new key; older ones still verify.",
}


class Command(BaseCommand):
    help = (
        "Adds a new version of a server key to the keyring. For 'sealing' it also wraps every "
        "data key anew; interrupted, it goes on with --rewrap-only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("purpose", choices=[purpose.value for purpose in Purpose])
        parser.add_argument(
            "--rewrap-only",
            action="store_true",
            help="add no version: finish wrapping the data keys (sealing only)",
        )

    def handle(self, *, purpose: str, rewrap_only: bool, **_options: Any) -> None:
        rotated = Purpose(purpose)
        if rewrap_only and rotated is not Purpose.SEALING:
            raise CommandError("--rewrap-only goes with 'sealing': nothing else wraps data keys.")
        if not rewrap_only:
            self._add_version(rotated)
        if rotated is Purpose.SEALING:
            self._rewrap()
        self.stdout.write(
            f"{AFTERWARDS[rotated]} Running servers take up the keyring by themselves; copy "
            f"{settings.KEYRING_PATH} to every other host, and back it up: older versions are "
            "still needed."
        )

    def _add_version(self, purpose: Purpose) -> None:
        path = settings.KEYRING_PATH
        try:
            version = rotate(path, purpose)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            msg = f"the keyring {path} cannot be replaced ({error.strerror}): nothing has changed."
            raise CommandError(msg) from None
        self.stdout.write(f"The keyring has a new {purpose} key, version {version}.")

    def _rewrap(self) -> None:
        console = Console(stderr=True)
        try:
            with Progress(console=console, disable=not console.is_terminal) as progress:
                bar = progress.add_task("Wrapping data keys", total=rotation.waiting().count())
                for count in rotation.rewrap():
                    progress.advance(bar, count)
        except KeyboardInterrupt:
            raise CommandError(
                "stopped: go on with 'manage.py rotate_keys sealing --rewrap-only'."
            ) from None
        except rotation.CannotRewrapError as error:
            msg = f"{error}: restore the keyring that it was made with."
            raise CommandError(msg) from None
