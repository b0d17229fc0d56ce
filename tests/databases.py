"""The test database: migrated once in a run, copied for each process, emptied of what is in it."""

import shutil
from contextlib import contextmanager
from functools import cache

from django.core.management.color import no_style
from django.db import connection

from tests.sharing import alone
from workspaces.activity import triggers

# Made by migrating, and all there is when it is done.
KEPT = {"django_content_type", "auth_permission"}


@contextmanager
def migrated(folder, process):
    """Within the block, the connection is to a database of this process alone.

    `folder` is shared by the processes of a run; `process` is this one's name, or None where it is
    the only one.
    """
    creation, before = connection.creation, connection.settings_dict["NAME"]
    if process is None:
        creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        yield
        creation.destroy_test_db(before, verbosity=0)
    elif connection.vendor == "sqlite":
        with alone(folder, "database"):
            _copy(folder / "migrated.sqlite3")
        yield
        creation.destroy_test_db(before, verbosity=0)
    else:
        original = creation._get_test_db_name()
        users = folder / "users-of-the-database"
        with alone(folder, "database"):
            _clone(original, process, users)
        yield
        with alone(folder, "database"):
            _drop_clone(original, process, users)
        _use(before)


def _use(name):
    connection.close()
    connection.settings_dict["NAME"] = name


def _copy(original):
    if original.exists():
        name = connection.settings_dict["TEST"]["NAME"]
        shutil.copyfile(original, name)
        _use(name)
    else:
        name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()  # which takes what is in the journal into the file
        shutil.copyfile(name, original)


def _clone(original, process, users):
    users.mkdir(exist_ok=True)
    if any(users.iterdir()):
        _use(original)
    else:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.creation.clone_test_db(process, verbosity=0, autoclobber=True)
    (users / process).touch()
    _use(connection.creation.get_test_db_clone_settings(process)["NAME"])


def _drop_clone(original, process, users):
    """The last one to go takes the original with it."""
    _use(original)
    connection.creation.destroy_test_db(suffix=process, verbosity=0)
    (users / process).unlink()
    if not any(users.iterdir()):
        connection.creation.destroy_test_db(verbosity=0)


def emptied():
    """Empty the database after a test with real transactions, as `flush` would.

    That one empties all tables, and then makes the content types and permissions anew: a tenth of
    a second, where most tests fill a few tables. On SQLite emptying is DELETE to the triggers of
    the activities; PostgreSQL empties by TRUNCATE, which its triggers for rows do not see.
    """
    quote = connection.ops.quote_name
    filled = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})"  # noqa: S608  (its own tables)
        for table in _tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(filled)
        tables = [table for (table,) in cursor.fetchall()]
    if tables:
        statements = connection.ops.sql_flush(no_style(), tables, allow_cascade=True)
        if connection.vendor == "sqlite":
            guard, unguard = triggers.installing(connection), triggers.removing(connection)
            statements = [*unguard, *statements, *guard]
        connection.ops.execute_sql_flush(statements)


@cache
def _tables():
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - KEPT)
