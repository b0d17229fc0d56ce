"""Reads, writes and adds up the rows of every table that a model has."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models, transaction

from . import CannotMoveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A batch is held in memory, and sent again row by row where PostgreSQL refuses one of its rows.
BATCH = 2_000
_MODULUS = 1 << 256

Row = tuple[Any, ...]
Table = type[models.Model]


@dataclass(slots=True)
class Tally:
    """How many rows a table has, and a digest over all of them, in whatever order they come.

    The digest is the sum of the SHA-256 of the rows, modulo 2^256: the two databases sort texts
    each in their own way, and reading in order would cost a search for each row.
    """

    rows: int = 0
    sum: int = 0

    def add(self, row: Row) -> None:
        values = [_plain(value) if isinstance(value, _OF_JSON) else value for value in row]
        digest = hashlib.sha256(_canonical.encode(values).encode()).digest()
        self.rows += 1
        self.sum = (self.sum + int.from_bytes(digest, "big")) % _MODULUS

    @property
    def digest(self) -> str:
        """In hexadecimal."""
        return f"{self.sum:064x}"


def tables() -> list[Table]:
    """Every model with a table of its own, those of many-to-many relations included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def every(table: Table, using: str = DEFAULT_DB_ALIAS) -> models.QuerySet[models.Model]:
    """All rows of the table, past what its managers may hide."""
    return models.QuerySet(model=table, using=using)


def tally(table: Table, using: str, on_progress: Callable[[int], object]) -> Tally:
    """The tally of the table as it is now."""
    found = Tally()
    for batch in _batches(table, using):
        for row in batch:
            found.add(row)
        on_progress(len(batch))
    return found


def copy(table: Table, using: str, on_progress: Callable[[int], object]) -> Tally:
    """Write the rows of the table to the default database; the tally of what was read.

    Raises CannotMoveError, naming the first row that PostgreSQL refuses.
    """
    read = Tally()
    for batch in _batches(table, using):
        try:
            _write(table, batch)
        except DatabaseError:
            _find_the_refused(table, batch, read.rows)
            raise
        for row in batch:
            read.add(row)
        on_progress(len(batch))
    return read


def _batches(table: Table, using: str) -> Iterator[list[Row]]:
    """The rows as Django reads them, which makes them the same from either database."""
    names = [field.attname for field in table._meta.concrete_fields]
    found = every(table, using).order_by().values_list(*names).iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        yield batch


def _write(table: Table, batch: list[Row]) -> None:
    """Append the rows, all or none."""
    database = connections[
        DEFAULT_DB_ALIAS
    ]  # each look through `connection` costs as much as a value
    fields = table._meta.concrete_fields
    quote = database.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    into = f"COPY {quote(table._meta.db_table)} ({columns}) FROM STDIN"
    with (
        transaction.atomic(),
        database.cursor() as cursor,
        database.wrap_database_errors,
        cursor.copy(into) as out,
    ):
        for row in batch:
            values = zip(fields, row, strict=True)
            out.write_row([field.get_db_prep_save(value, database) for field, value in values])


def _find_the_refused(table: Table, batch: list[Row], before: int) -> None:
    for number, row in enumerate(batch, start=before + 1):
        try:
            _write(table, [row])
        except DatabaseError as error:
            msg = (
                f"{_named(table, row, number)} does not fit into PostgreSQL ({_reason(error)}): "
                "correct it in the source, and run this again."
            )
            raise CannotMoveError(msg) from None


def _named(table: Table, row: Row, number: int) -> str:
    key = row[table._meta.concrete_fields.index(table._meta.pk)]
    # A session's key is text, and lets someone in.
    which = key if isinstance(key, int | UUID) else f"number {number}"
    return f"row {which} of {table._meta.db_table}"


def _reason(error: DatabaseError) -> str:
    """In one line, without the values that PostgreSQL adds to it."""
    said = getattr(getattr(error.__cause__, "diag", None), "message_primary", None)
    return str(said or error).partition("\n")[0]


def _plain(value: Any) -> Any:
    """A value of JSON in the form that both databases answer with: 1e16 is a whole number there."""
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_plain(held) for held in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(value: Any) -> str:
    """The text of what JSON has no form for."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


_OF_JSON = (dict, list, float)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_text)
