"""An installation of the bench's own, in a folder that goes with it: database, keyring, keys.

Everything is imported inside the functions: the environment must be set before the settings load.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from urllib.parse import urlsplit

import tests.environment  # noqa: F401  (before the settings: a data folder of its own)

# As many as an admin may give to a key: no run here reaches it.
REQUESTS_PER_MINUTE = 100_000


@contextmanager
def database_of_its_own(url):
    """A new database on the PostgreSQL server of `url`; yields its own URL, and drops it."""
    import psycopg  # noqa: PLC0415

    name = f"bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def installation():
    """Django set up, on SQLite or in a database of its own where DATABASE_URL names a server."""
    if url := os.environ.get("DATABASE_URL"):
        with database_of_its_own(url) as own:
            os.environ["DATABASE_URL"] = own
            _set_up()
            yield
            _disconnect()
    else:
        _set_up()
        yield


def _set_up():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cerbykeys.settings")
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def _disconnect():
    from django.db import connection  # noqa: PLC0415

    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def keys(count):
    """The plaintexts of `count` keys with every scope, of one Admin."""
    from tests.asking import EVERY_SCOPE  # noqa: PLC0415
    from tests.factories import ApiKeyFactory, MemberFactory  # noqa: PLC0415

    admin = MemberFactory(workspace__requests_per_minute=REQUESTS_PER_MINUTE)
    return [ApiKeyFactory(owner=admin, scopes=EVERY_SCOPE).plaintext for _ in range(count)]
