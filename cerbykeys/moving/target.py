"""PostgreSQL, made ready to take rows as they are, and made whole again once it holds them.

All of it happens in the caller's transaction.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import DatabaseError, connection

from workspaces.directory.models import Workspace

from . import CannotMoveError
from .rows import every

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .rows import Table

# Migrating makes these, under numbers of its own.
MADE_BY_MIGRATING = (Permission, ContentType)


def refuse_used() -> None:
    """Raise CannotMoveError where the database holds workspaces, before it is migrated."""
    table = Workspace._meta.db_table
    if table in connection.introspection.table_names() and Workspace.objects.exists():
        raise _used(table)


@contextmanager
def taking(tables: list[Table]) -> Iterator[None]:
    """Until the block ends nobody else writes to the tables, and what is written fires no trigger.

    Then foreign keys are checked, and new rows are numbered after those that were written. Raises
    CannotMoveError where a table holds rows before, or a row names one that is not there after.
    """
    names = [connection.ops.quote_name(table._meta.db_table) for table in tables]
    with connection.cursor() as cursor:
        # Those that a server or DATABASE_URL may have set are for requests.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        for name in names:
            # The triggers have done their part in the source; their rows are moved as well. This
            # asks for no superuser, and locks the table.
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    for made in MADE_BY_MIGRATING:
        made.objects.all().delete()
    for table in tables:
        if every(table).exists():
            raise _used(table._meta.db_table)
    yield
    with connection.cursor() as cursor:
        try:
            # Else they would be checked at the end, and until then keep triggers as they are.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except DatabaseError as error:
            msg = (
                f"a row in the source names one that is not there ({_line(error)}): "
                "correct it in the source, and run this again."
            )
            raise CannotMoveError(msg) from None
        for name in names:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def analyze(tables: list[Table]) -> None:
    """Let PostgreSQL count what it holds now, so that its first plans are good ones."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")


def _used(table: str) -> CannotMoveError:
    return CannotMoveError(
        f"the database of DATABASE_URL is in use, with rows in {table}: name an empty one."
    )


def _line(error: DatabaseError) -> str:
    return " ".join(str(error).split())
