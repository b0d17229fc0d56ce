"""The keys of a workspace by when they were last used: what `models.KeyUsage` is indexed for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from .models import KeyUsage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from workspaces.actor import Actor

    from .models import ApiKey

    Ids = QuerySet[ApiKey, UUID] | QuerySet[KeyUsage, UUID]


class ByUse(Sequence[UUID]):
    """The ids of `keys`, those never used at the end; a Paginator takes slices of it.

    Sorted in one query, all keys would be joined with all uses, for each page. So a slice is read
    along the index of uses, and what is missing from the keys that have none; one that lies in
    the second half is read from the end.
    """

    def __init__(self, actor: Actor, keys: QuerySet[ApiKey], *, every: bool, latest: bool) -> None:
        """`keys` of the actor's workspace, or `every` one of them; the `latest` used one first."""
        self._keys = keys
        uses = KeyUsage.objects.filter(workspace_id=actor.workspace_id)
        if not every:
            # Not the column itself: SQLite would look each of those keys up, and sort the found.
            uses = uses.annotate(one_of=Coalesce("key_id", "key_id"))
            uses = uses.filter(one_of__in=keys.values("pk"))
        uses = uses.order_by("last_used_at", "key_id")
        self._used: Ids = (uses.reverse() if latest else uses).values_list("key_id", flat=True)
        self._unused: Ids = (
            keys.filter(~Exists(KeyUsage.objects.filter(key_id=OuterRef("pk"))))
            .order_by("name", "id")
            .values_list("pk", flat=True)
        )

    @cached_property
    def _count(self) -> int:
        return self._keys.count()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, part: int) -> UUID: ...
    @overload
    def __getitem__(self, part: slice) -> list[UUID]: ...
    def __getitem__(self, part: int | slice) -> UUID | list[UUID]:
        count = self._count
        if isinstance(part, int):
            return self[range(count)[part] : range(count)[part] + 1][0]
        start, stop, _ = part.indices(count)
        if start + stop <= count:
            return _slice(self._used, self._unused, start, stop)
        found = _slice(self._unused.reverse(), self._used.reverse(), count - stop, count - start)
        return found[::-1]


def _slice(first: Ids, second: Ids, start: int, stop: int) -> list[UUID]:
    """What lies between start and stop in `first` with `second` after it."""
    found = list(first[start:stop])
    if len(found) < stop - start:
        ended = start + len(found) if found else min(start, first.count())
        found += second[start + len(found) - ended : stop - ended]
    return found
