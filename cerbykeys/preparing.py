"""What stands between a checkout and a server, in the order in which it is done or looked at."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from workspaces.sealing.keyring import keyring

from . import database, first_steps

# The API reference is Swagger's. The image leaves the same out (Dockerfile).
UNUSED = ["redoc*"]


def refuse_unusable() -> None:
    """Raise ImproperlyConfigured where the keyring or the database cannot be used."""
    keyring()
    database.refuse_unusable()


def prepare() -> None:
    """Migrate, and make what is made but once; ends the turn that `first_steps.begin` began."""
    call_command("migrate", interactive=False, verbosity=0)
    database.refuse_foreign_keyring()
    call_command("createcachetable", verbosity=0)
    first_steps.end()
    call_command("clear_expired", verbosity=0)
    collect_static()


def refuse_unprepared() -> None:
    """Raise ImproperlyConfigured where `prepare` has not been run for this version."""
    database.refuse_pending()
    database.refuse_foreign_keyring()
    if not _static_is_there():
        msg = (
            f"the static files in {settings.STATIC_ROOT} are not those of this version: "
            "run 'manage.py prepare' on this host."
        )
        raise ImproperlyConfigured(msg)


def collect_static() -> None:
    """Copy, name and compress the static files, unless they are those of the last time."""
    if not _static_is_there():
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
        _stamp().write_text(_fingerprint(), encoding="ascii")


def _static_is_there() -> bool:
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        return False
    # Those of an image were made from its own sources.
    built = not settings.STATIC_ROOT.is_relative_to(settings.DATA_DIR)
    return built or (_stamp().exists() and _stamp().read_text(encoding="ascii") == _fingerprint())


def _stamp() -> Path:
    return Path(settings.DATA_DIR) / "static.sha256"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(UNUSED):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
