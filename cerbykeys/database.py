"""Whether the database can be used, and by this version of the code."""

from __future__ import annotations

import functools
from contextlib import suppress

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from workspaces.sealing.envelope import CannotUnsealError, unwrap
from workspaces.sealing.keyring import UnknownKeyVersionError
from workspaces.sealing.models import DataKey


def refuse_unusable() -> None:
    """Raise ImproperlyConfigured where the database is out of reach, damaged or too new."""
    try:
        if connection.vendor == "postgresql":
            # Not through the pool, which waits, and does not say why there is no connection.
            import psycopg  # noqa: PLC0415  (an extra)

            with connection.wrap_database_errors:
                psycopg.connect(**connection.get_connection_params()).close()
        newer = unknown_migrations()
    except Error as error:
        reason = str(error).partition("\n")[0]
        msg = (
            f"the database of DATABASE_URL cannot be used ({reason}): "
            "start it, or correct DATABASE_URL."
            if connection.vendor == "postgresql"
            else f"the database {connection.settings_dict['NAME']} cannot be used ({reason}): "
            "let this user write it, or restore it from a backup."
        )
        raise ImproperlyConfigured(msg) from None
    if newer:
        msg = (
            f"the database is from a newer version, which applied {newer[0]}: "
            "upgrade this checkout, or restore the backup made before that upgrade."
        )
        raise ImproperlyConfigured(msg)


def connect_early(count: int) -> None:
    """Keep `count` connections from now on, where there is a pool: the first requests find them.

    A pool grows by one connection at a time, which takes long while requests keep a core busy.
    A database that is out of reach is no error here.
    """
    if pool := getattr(connection, "pool", None):
        pool.open()
        pool.resize(count, max(count, pool.max_size))
    with suppress(Error):
        connection.ensure_connection()
    connection.close()  # into the pool


def refuse_foreign_keyring(using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise ImproperlyConfigured where the database was sealed under another keyring than ours."""
    sealed = DataKey.objects.using(using).order_by("-created_at").first()
    try:
        if sealed is not None:
            unwrap(sealed)
    except (CannotUnsealError, UnknownKeyVersionError):
        msg = (
            f"the database was made with another keyring than {settings.KEYRING_PATH}: "
            "copy that one here, or name it in CERBYKEYS_KEYRING."
        )
        raise ImproperlyConfigured(msg) from None


def refuse_pending() -> None:
    """Raise ImproperlyConfigured where the database lacks what this version migrates."""
    if pending := pending_migrations():
        msg = (
            f"{len(pending)} migrations are pending, the first is {pending[0]}: "
            "run 'manage.py prepare' once, on any host."
        )
        raise ImproperlyConfigured(msg)


def close() -> None:
    """Close the connections of this process, and their pool, before others are forked from it."""
    for opened in connections.all(initialized_only=True):
        opened.close()
        if hasattr(opened, "close_pool"):
            opened.close_pool()


def unknown_migrations(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """What was applied to the product's own apps and is not in this checkout."""
    loader = MigrationLoader(connections[using])
    own = {
        config.label for config in apps.get_app_configs() if config.name.startswith("workspaces.")
    }
    return sorted(
        f"{label}.{name}"
        for label, name in loader.applied_migrations
        if label in own and (label, name) not in loader.disk_migrations
    )


def pending_migrations(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """What is in this checkout and was not applied yet: two short queries."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    return sorted(
        f"{label}.{name}"
        for (label, name), replaced in _migrations_on_disk().items()
        if (label, name) not in applied
        and not (replaced and all(each in applied for each in replaced))
    )


@functools.cache
def _migrations_on_disk() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Every migration of this checkout, with those that it replaces.

    Read once: what a process runs does not change when its files do, and to read them all takes
    as long as a hundred requests.
    """
    loader = MigrationLoader(None)
    return {
        node: [(label, name) for label, name in loader.get_migration(*node).replaces]
        for node in loader.graph.nodes
    }
