"""Lists and single rows that the ORM plans once a process, and that are then only read.

To build a query takes the ORM several times as long as a database takes to answer it. So the
function that builds one is called with a stand-in for the actor; the SQL that comes of it, with
places for what is to be given, is remembered for each set of filters. Rows come as named tuples,
whose fields are the ORM's paths, with ids and times as the contract writes them: text.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Func, IntegerField, Q, QuerySet
from django.db.models.expressions import Col

from workspaces.actor import Actor

from .envelope import in_utc

# Plans of 20 to 80 KiB each; what comes of longer filters takes more, and is hardly asked twice.
REMEMBERED = 250
LONGEST = 200  # characters of filters that are remembered
NARROWED = 8  # plans that come of one

Row = TypeVar("Row", bound=tuple[Any, ...])
Seen_co = TypeVar("Seen_co", covariant=True)
Condition = Callable[..., Q]
Column = Sequence[Any]
Reader = Callable[[Column], Column]


class Rows(Protocol[Seen_co]):
    """What a page is cut from: a `Reading`, or a QuerySet."""

    def count(self) -> int: ...

    def __getitem__(self, wanted: slice, /) -> Any: ...


class Given(Expression):
    """Stands in a query for a value that is known when the query is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Reading(Generic[Row]):
    """The rows that `build` finds for an actor: counted, sliced or got, as of a QuerySet."""

    def __init__(self, plan: Plan, into: type[Row], given: Mapping[str, Any]) -> None:
        self._plan = plan
        self._into: Any = into
        self._given = given

    def count(self) -> int:
        """How many rows there are."""
        return sum(counted for (counted,) in self._plan.counting.run(self._given))

    def __getitem__(self, wanted: slice) -> list[Row]:
        """The rows from `wanted.start` (0 without) up to `wanted.stop`, which has to be said."""
        start = wanted.start or 0
        tail = " LIMIT %(size)s OFFSET %(start)s" if start else " LIMIT %(size)s"
        rows = self._plan.rows.run(self._given, tail, size=wanted.stop - start, start=start)
        return [self._into(*row) for row in rows]

    def get(self, **by: Any) -> Row:
        """The one row with these values. Raises the model's DoesNotExist where there is none."""
        found = self.where(_with, **by)[:1]
        if not found:
            raise self._plan.model.DoesNotExist
        return found[0]

    def where(self, condition: Condition, **given: Any) -> Reading[Row]:
        """Those for which `condition`, a function of what is given, holds."""
        if taken := self._given.keys() & given.keys():
            msg = f"{', '.join(taken)} is the actor's own"
            raise ValueError(msg)
        plan = self._plan.narrowed(condition, tuple(given))
        return Reading(plan, self._into, {**self._given, **given})

    @property
    def digest(self) -> str:
        """A name for what is asked: the same for the same question, in every process."""
        return hashlib.sha256(f"{self._plan.rows.digest}{self._given}".encode()).hexdigest()


def reading(
    build: Callable[..., QuerySet[Any]], into: type[Row], actor: Actor, **filters: Hashable
) -> Reading[Row]:
    """What `build(actor, **filters)` finds, each row as `into`.

    `build` is a function of a module; of the actor it looks at nothing but `workspace_id` and
    `member_id`. A field of `into` that has a default is read where the query annotates it.
    """
    asked = tuple(filters.items())
    remembering = len(repr(asked)) <= LONGEST
    plan = (_plan if remembering else _plan.__wrapped__)(build, into, asked)
    return Reading(plan, into, {"workspace_id": actor.workspace_id, "member_id": actor.member_id})


class Plan:
    """A query as it was built once, with what has been made of it."""

    def __init__(self, found: QuerySet[Any], fields: tuple[str, ...]) -> None:
        self.model: Any = found.model
        self._found = found
        self._fields = fields
        self._narrowed: dict[Any, Plan] = {}

    @functools.cached_property
    def rows(self) -> Statement:
        return Statement(self._found.values_list(*self._fields))

    @functools.cached_property
    def counting(self) -> Statement:
        return Statement(self._found.order_by().values_list(_CountRows()))

    def narrowed(self, condition: Condition, names: tuple[str, ...]) -> Plan:
        """The plan of those for which the condition, of values with these names, holds."""
        key = (condition, names)
        narrowed = self._narrowed.get(key)
        if narrowed is None:
            stand_ins = {name: Given(name) for name in names}
            narrowed = Plan(self._found.filter(condition(**stand_ins)), self._fields)
            if len(self._narrowed) < NARROWED:
                self._narrowed[key] = narrowed
        return narrowed


class Statement:
    """SQL with places for what is given, and how the columns of its rows are read."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            sql, values = "", ()
        self.digest = f"{sql}{values}"
        named = {f"value{place}": value for place, value in enumerate(values)}
        # Django looks for unnamed places with a regular expression, each time the SQL is run.
        self._sql = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in named)
        self._places = {name: value.name for name, value in named.items() if _is_given(value)}
        self._constants = {name: value for name, value in named.items() if not _is_given(value)}
        self._native_ids = connection.features.has_native_uuid_field
        self._readers = _readers(compiler)

    def run(self, given: Mapping[str, Any], tail: str = "", **also: int) -> Iterable[Any]:
        """The rows for what is given; `tail` is SQL put after it, with the values `also`."""
        if not self._sql:
            return ()
        values = {**self._constants, **also}
        for name, stands_for in self._places.items():
            values[name] = _stored(given[stands_for], self._native_ids)
        with connection.cursor() as cursor:
            cursor.execute(self._sql + tail, values)
            columns: list[Column] = list(zip(*cursor.fetchall(), strict=True))
        for place, read in self._readers if columns else ():
            columns[place] = read(columns[place])
        return zip(*columns, strict=True)


class _CountRows(Func):
    template = "COUNT(*)"
    output_field = IntegerField()


@functools.lru_cache(maxsize=REMEMBERED)
def _plan(
    build: Callable[..., QuerySet[Any]], into: Any, filters: tuple[tuple[str, Hashable], ...]
) -> Plan:
    stand_in: Any = {name: Given(name) for name in ("workspace_id", "member_id")}
    found = build(Actor(workspace_slug="", workspace_name="", **stand_in), **dict(filters))
    annotated = found.query.annotations
    optional = into._field_defaults.keys() - annotated.keys()
    return Plan(found, tuple(name for name in into._fields if name not in optional))


def _with(**values: Any) -> Q:
    return Q(**values)


def _is_given(value: object) -> bool:
    return isinstance(value, Given)


def _stored(value: Any, native_ids: bool) -> Any:  # noqa: FBT001  (whether ids are kept as such)
    """A value as the database keeps it."""
    if isinstance(value, UUID) and not native_ids:
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _readers(compiler: Any) -> list[tuple[int, Reader]]:
    """For each column whose values are not read as they come, how they are."""
    found: list[tuple[int, Reader]] = []
    for place, (expression, _sql, _alias) in enumerate(compiler.select):
        kind = expression.output_field.get_internal_type()
        converters = compiler.get_converters([expression])
        # Of what is no column, SQLite does not tell that it is a time.
        computed = kind == "DateTimeField" and not isinstance(expression, Col)
        if converters and (computed or kind not in _OURS):
            found.append((place, functools.partial(_converted, *converters[0])))
        if kind in _OURS:
            found.append((place, _OURS[kind]))
    return found


def _converted(converters: list[Any], expression: Any, column: Column) -> Column:
    for convert in converters:
        column = [convert(value, expression, connection) for value in column]
    return column


def _ids(column: Column) -> Column:
    """Ids as text; SQLite keeps the digits alone."""
    if connection.features.has_native_uuid_field:
        return [value and str(value) for value in column]
    return [
        value and f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
        for value in column
    ]


def _moments(column: Column) -> Column:
    return [value and in_utc(value) for value in column]


def _booleans(column: Column) -> Column:
    return [value if value is None else bool(value) for value in column]


_OURS: Mapping[str, Reader] = {
    "UUIDField": _ids,
    "DateTimeField": _moments,
    "BooleanField": _booleans,
}
