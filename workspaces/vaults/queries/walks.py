"""Long lists in pages, each of which costs the same, wherever it is and however long the list.

What it takes to know of a list is remembered, in Django's cache, under the workspace's
`ItemsVersion`: true as long as that stands, and never looked for once it has moved.

- Of a short list, the ids: a page is read by them.
- Of a long one, how many there are, and the last row of each page far inside, from which the next
  goes on along the index. Who walks by the links never makes the database skip what they saw.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import Model, Q, QuerySet

from workspaces.vaults.models import ItemsVersion

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from workspaces.actor import Actor

SHORT = 1000
A_DAY = 86_400
FAR = 10**12  # beyond any list, and short enough for the name of what is remembered

Row = TypeVar("Row", bound=Model)


class Walk(Generic[Row]):
    """A list in the order of `created_at` and `id`, found in two ways that find the same.

    `along` walks the index of that order and asks of each row whether it is seen: fast where most
    are. `among` starts at what is shared with someone: fast where little is.
    """

    def __init__(self, actor: Actor, along: QuerySet[Row], among: QuerySet[Row]) -> None:
        self._along = along.order_by("created_at", "id")
        self._among = among.order_by("created_at", "id")
        self._name = _name(actor, self._along)

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
            return list(self._along.filter(pk__in=ids[start : start + size])), total
        if here in known:
            rows = list(self._along.filter(_behind(*known[here]))[:size])
        else:
            rows = list(self._along[start : start + size])
        if rows and SHORT <= start + size < total:
            last: Any = rows[-1]
            cache.set(ahead, (last.created_at, last.pk), A_DAY)
        return rows, total

    def _learn(self) -> tuple[int, list[Any] | None]:
        """How many rows there are; of a short list, which ones."""
        total = self._among.order_by().count()
        ids = list(self._among.values_list("pk", flat=True)) if total <= SHORT else None
        cache.set(self._name, (total, ids), A_DAY)
        return total, ids


def remembered_total(actor: Actor, found: QuerySet[Any]) -> int:
    """How many rows `found` has, counted once as long as nothing changes it."""
    name = f"{_name(actor, found)}:total"
    total: int | None = cache.get(name)
    if total is None:
        total = found.order_by().count()
        cache.set(name, total, A_DAY)
    return total


def _behind(created_at: datetime, pk: UUID) -> Q:
    """The condition that a row comes after the one with these values, as an index is walked."""
    return Q(created_at__gte=created_at) & (Q(created_at__gt=created_at) | Q(pk__gt=pk))


def _name(actor: Actor, found: QuerySet[Any]) -> str:
    """A name for what is found, which is another one as soon as anything about it may be."""
    versions = ItemsVersion.objects.filter(workspace_id=actor.workspace_id)
    version = versions.values_list("version", flat=True).first() or 0
    try:
        query = repr(found.query.sql_with_params())
    except EmptyResultSet:
        query = "nothing"
    digest = hashlib.sha256(f"{version} {actor.workspace_id} {query}".encode()).hexdigest()
    return f"items:{digest}"
