"""What precedes the settings: one host after the other makes what its data folder lacks.

Hosts that share a PostgreSQL share its keyring and secret key. So whoever prepares one takes its
turn, and holds it until the database is prepared; only the first finds the database empty, and
makes keys.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from . import data_folder, env

if TYPE_CHECKING:
    import psycopg

TURN = 0x63657262  # "cerb": the number of PostgreSQL's advisory lock
# Django's names of what psycopg connects with.
NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}

_turn: psycopg.Connection[tuple[Any, ...]] | None = None


def begin() -> None:
    """Wait for this host's turn, then make its data folder whole. Raises ImproperlyConfigured.

    The turn lasts until `end`, or as long as the process.
    """
    global _turn  # noqa: PLW0603  (one installation a process)
    if database := env.postgres("DATABASE_URL"):
        _turn = _connected(database)
        if not _answer("SELECT pg_try_advisory_lock(%s)", TURN):
            sys.stderr.write("cerbykeys: another host prepares the database; waiting for it.\n")
            _turn.execute("SELECT pg_advisory_lock(%s)", [TURN])
        if _answer("SELECT to_regclass(%s) IS NOT NULL", "django_migrations"):
            data_folder.refuse_incomplete()
    data_folder.create()


def end() -> None:
    """Let the next host have its turn."""
    global _turn  # noqa: PLW0603
    if _turn is not None:
        _turn.close()
        _turn = None


def _answer(query: str, value: Any) -> bool:
    row = _turn.execute(query, [value]).fetchone() if _turn else None
    return bool(row and row[0])


def _connected(database: dict[str, Any]) -> psycopg.Connection[tuple[Any, ...]]:
    import psycopg  # noqa: PLC0415  (an extra)

    given = {name: database[key] for key, name in NAMES.items() if database[key]}
    options = {"connect_timeout": 5, **database.get("OPTIONS", {}), **given}
    try:
        return psycopg.connect(**options, autocommit=True)
    except psycopg.Error as error:
        reason = str(error).partition("\n")[0]
        msg = (
            f"the database of DATABASE_URL cannot be used ({reason}): "
            "start it, or correct DATABASE_URL."
        )
        raise ImproperlyConfigured(msg) from None
