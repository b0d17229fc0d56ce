"""Long lists in pages, each of which costs the same, wherever it is and however long the list.

What it takes to know of a list is remembered, in Django's cache, under the workspace's
`ItemsVersion`: true as long as that stands, and never looked for once it has moved.

- Of a short list, the ids: a page is read by them.
- Of a long one, how many there are, and the last row of each page far inside, from which the next
  goes on along the index. Who walks by the links never makes the database skip what they saw.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet

from workspaces.contract.envelope import MAX_PAGE_SIZE
from workspaces.contract.reading import Reading, reading
from workspaces.vaults.models import ItemsVersion

if TYPE_CHECKING:
    from workspaces.actor import Actor

SHORT = 1000
A_DAY = 86_400
FAR = 10**12  # beyond any list, and short enough for the name of what is remembered
ROOMS = (25, 50, MAX_PAGE_SIZE)  # ids in a query that asks for some
BYTES = 16  # of an id


Row = TypeVar("Row", bound=Any)


class Walk(Generic[Row]):
    """A list in the order of `created_at` and `id`, found in two ways that find the same.

    `along` walks the index of that order and asks of each row whether it is seen: fast where most
    are. `among` starts at what is shared with someone: fast where little is. A row of `along` has
    an `id` and a `created_at`.
    """

    def __init__(self, actor: Actor, along: Reading[Row], among: Reading[Place]) -> None:
        self._along = along
        self._among = among
        self._name = f"items:{_version(actor)}:{along.digest}"

    def page(self, number: int, size: int) -> tuple[list[Row], int]:
        """The rows of a page, counted from 1, and how many there are on all pages."""
        start = (number - 1) * size
        number = min(number, FAR)
        here, ahead = (f"{self._name}:{size}:{number + step}" for step in (0, 1))
        known = cache.get_many([self._name, here])
        total, ids = known.get(self._name) or self._learn()
        if start >= total:
            return [], total
        if ids is not None:
            return self._these(ids[BYTES * start : BYTES * (start + size)], size), total
        if here in known:
            rows = self._along.where(_behind, **known[here])[:size]
        else:
            rows = self._along[start : start + size]
        if rows and SHORT <= start + size < total:
            last = rows[-1]
            place = {"created_at": datetime.fromisoformat(last.created_at), "pk": UUID(last.id)}
            cache.set(ahead, place, A_DAY)
        return rows, total

    def _these(self, ids: bytes, size: int) -> list[Row]:
        found = [UUID(bytes=ids[place : place + BYTES]) for place in range(0, len(ids), BYTES)]
        # As many for each page, so that there are few queries to plan: what is left repeats one.
        found += found[-1:] * (next(room for room in ROOMS if size <= room) - len(found))
        return self._along.where(_one_of, **{f"id{n}": pk for n, pk in enumerate(found)})[:size]

    def _learn(self) -> tuple[int, bytes | None]:
        """How many rows there are; of a short list, which ones."""
        total = self._among.count()
        ids = None
        if total <= SHORT:
            ids = b"".join(UUID(place.id).bytes for place in self._among[:SHORT])
        cache.set(self._name, (total, ids), A_DAY)
        return total, ids


class Place(NamedTuple):
    """What is known of a row before it is read."""

    id: str


class _Version(NamedTuple):
    version: int


def remembered_total(actor: Actor, found: QuerySet[Any]) -> int:
    """How many rows `found` has, counted once as long as nothing changes it."""
    name = f"{_name(actor, found)}:total"
    total: int | None = cache.get(name)
    if total is None:
        total = found.order_by().count()
        cache.set(name, total, A_DAY)
    return total


def _behind(created_at: Any, pk: Any) -> Q:
    """The condition that a row comes after the one with these values, as an index is walked."""
    return Q(created_at__gte=created_at) & (Q(created_at__gt=created_at) | Q(pk__gt=pk))


def _one_of(**ids: Any) -> Q:
    return Q(pk__in=list(ids.values()))


def _versions(actor: Actor) -> QuerySet[ItemsVersion]:
    return ItemsVersion.objects.filter(workspace_id=actor.workspace_id)


def _version(actor: Actor) -> int:
    found = reading(_versions, _Version, actor)[:1]
    return found[0].version if found else 0


def _name(actor: Actor, found: QuerySet[Any]) -> str:
    """A name for what is found, which is another one as soon as anything about it may be."""
    try:
        query = repr(found.query.sql_with_params())
    except EmptyResultSet:
        query = "nothing"
    asked = f"{_version(actor)} {actor.workspace_id} {query}"
    return f"items:{hashlib.sha256(asked.encode()).hexdigest()}"
