"""The SQLite file that is moved: opened so that no one else has it open, and never written."""

from __future__ import annotations

import traceback
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper

from cerbykeys import database

from . import CannotMoveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALIAS = "source"


@contextmanager
def opened(path: Path) -> Iterator[str]:
    """The alias of the database at `path`, for as long as the block runs.

    Raises CannotMoveError where there is none, another process has it open, it is not of this
    version, or our keyring does not open it.
    """
    if not path.is_file():
        msg = f"there is no database {path}: name the SQLite file with --from."
        raise CannotMoveError(msg)
    connections[ALIAS] = _connection(path)
    try:
        with ExitStack() as held:
            try:
                held.enter_context(transaction.atomic(using=ALIAS))
                with connections[ALIAS].cursor() as cursor:
                    cursor.execute("PRAGMA query_only=ON")
                _refuse_unusable(path)
            except DatabaseError as error:
                raise CannotMoveError(_cause(path, error)) from None
            yield ALIAS
    except BaseException as error:
        # What was being read when it was raised would outlive the connection.
        traceback.clear_frames(error.__traceback__)
        raise
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]


def _connection(path: Path) -> DatabaseWrapper:
    file = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 0,
            # With a write-ahead log, whoever has the file open holds a lock that this one
            # excludes, be they idle: a server is noticed, and none can start meanwhile.
            "init_command": "PRAGMA locking_mode=EXCLUSIVE",
            "transaction_mode": "EXCLUSIVE",
        },
    }
    known = connections.configure_settings({**settings.DATABASES, ALIAS: file})
    return DatabaseWrapper(known[ALIAS], ALIAS)


def _cause(path: Path, error: DatabaseError) -> str:
    if "locked" in str(error):
        return (
            f"{path} is in use: stop the server and every worker that has it open, "
            "or name a copy of it with --from."
        )
    return f"{path} cannot be used ({error}): let this user write it, or restore it from a backup."


def _refuse_unusable(path: Path) -> None:
    newer, pending = database.unknown_migrations(ALIAS), database.pending_migrations(ALIAS)
    if newer:
        msg = f"{path} is from a newer version, which applied {newer[0]}: upgrade this checkout."
        raise CannotMoveError(msg)
    if pending:
        msg = (
            f"{path} is from an older version, without {pending[0]}: "
            "run 'manage.py migrate' on it first, with DATABASE_URL unset."
        )
        raise CannotMoveError(msg)
    try:
        database.refuse_foreign_keyring(ALIAS)
    except ImproperlyConfigured as error:
        raise CannotMoveError(str(error)) from None
