"""The data folder: the database, the keyring and the secret key of an installation.

Usable before the settings are loaded, which need what is made here.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from workspaces.sealing import keyring

from . import env

BASE = Path(__file__).resolve().parent.parent


def location() -> Path:
    """Where the data folder is: `CERBYKEYS_DATA_DIR`, or `var/` beside manage.py."""
    return env.path("CERBYKEYS_DATA_DIR", BASE / "var")


def keyring_path() -> Path:
    """Where the keyring is: `CERBYKEYS_KEYRING`, or in the data folder."""
    return env.path("CERBYKEYS_KEYRING", location() / "keyring.json")


# What `check --deploy` asks for: whoever guesses it signs links that set passwords.
SHORTEST_SECRET_KEY = 50


def secret_key() -> str:
    """Django's secret key: `CERBYKEYS_SECRET_KEY`, or the one that `create` left.

    Raises ImproperlyConfigured where there is none: nothing falls back to a known one.
    """
    if value := env.text("CERBYKEYS_SECRET_KEY"):
        if len(value) < SHORTEST_SECRET_KEY:
            # The value is not repeated: it lets someone in.
            msg = (
                f"CERBYKEYS_SECRET_KEY is too short: set it to {SHORTEST_SECRET_KEY} "
                "random characters or more, or unset it."
            )
            raise ImproperlyConfigured(msg)
        return value
    file = location() / "secret_key"
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        msg = (
            "there is no secret key: set CERBYKEYS_SECRET_KEY, "
            f"or run 'manage.py quickstart' or 'manage.py prepare', which make {file}."
        )
        raise ImproperlyConfigured(msg) from None
    except OSError as error:
        msg = f"{file} cannot be read ({error.strerror}): let this user read it."
        raise ImproperlyConfigured(msg) from None


def create() -> None:
    """Make the folder (mode 0700), the keyring and the secret key (0600) where they are missing."""
    folder = location()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not env.text("CERBYKEYS_SECRET_KEY"):
            write_once(folder / "secret_key", secrets.token_urlsafe(64))
        if not keyring_path().exists():
            _refuse_to_replace_a_lost_keyring(folder)
            keyring.create(keyring_path())
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        msg = (
            f"the data folder {folder} cannot be written ({error.strerror}): "
            "let this user write it, or name another in CERBYKEYS_DATA_DIR."
        )
        raise ImproperlyConfigured(msg) from None


def refuse_incomplete() -> None:
    """Raise ImproperlyConfigured where `create` would make keys that a database in use has not."""
    if not keyring_path().exists():
        msg = (
            f"the keyring {keyring_path()} is missing, and the database of DATABASE_URL cannot be "
            "read without it: copy it from a host that has it, or name it in CERBYKEYS_KEYRING."
        )
        raise ImproperlyConfigured(msg)
    file = location() / "secret_key"
    if not env.text("CERBYKEYS_SECRET_KEY") and not file.exists():
        msg = (
            f"there is no secret key, and the database of DATABASE_URL is in use: copy {file} "
            "from a host that has it, or set CERBYKEYS_SECRET_KEY to the same on every host."
        )
        raise ImproperlyConfigured(msg)


def write_once(file: Path, content: str) -> bool:
    """Write the file (0600) unless there is one; whether there was none. Raises OSError."""
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        file.unlink()  # half of it would be taken for all
        raise
    return True


def _refuse_to_replace_a_lost_keyring(folder: Path) -> None:
    if (folder / "db.sqlite3").exists():
        msg = (
            f"the keyring {keyring_path()} is missing, and the database cannot be read "
            "without it: restore it from a backup, or name it in CERBYKEYS_KEYRING."
        )
        raise ImproperlyConfigured(msg)
