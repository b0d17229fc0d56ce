"""The activities of an actor's workspace. Whether the actor may read them is for callers to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db.models import Max, Q

from workspaces.contract.reading import reading

from .models import Activity, ChainHead

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from workspaces.actor import Actor
    from workspaces.contract.reading import Reading

    from .events import Event


Row = TypeVar("Row", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Filter:
    """Which activities are asked for; what is None does not narrow.

    `user_id` finds what a person did, themselves and through their keys. `since` is included,
    `until` is not.
    """

    event: Event | str | None = None
    user_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Filter()


class _Numbered(NamedTuple):
    sequence: int


def activities(actor: Actor, wanted: Filter = EVERYTHING) -> QuerySet[Activity]:
    """The activities of the actor's workspace, newest first."""
    found = Activity.objects.filter(workspace_id=actor.workspace_id).order_by("-sequence")
    if wanted.event is not None:
        found = found.filter(event=wanted.event)
    if wanted.user_id is not None:
        found = found.filter(user_id=wanted.user_id)
    if wanted.since is not None:
        found = found.filter(timestamp__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(timestamp__lt=wanted.until)
    return found


def before(sequence: int) -> Q:
    """The condition that an activity is older than the one of that number."""
    return Q(sequence__lt=sequence)


def slice_of(
    found: Reading[Row], wanted: Filter, start: int, count: int, total: int
) -> Sequence[Row]:
    """The `count` after the `start` newest of all `total` that are found as `wanted`.

    A chain has no gaps, so any page of all of it is found by its numbers; where a filter has made
    gaps, the database skips the newer ones in an index.
    """
    if start >= total:
        return []
    if wanted != EVERYTHING:
        return found[start : start + count]
    last = total - start
    return found.where(_between, first=max(0, last - count), last=last)[:count]


def total(actor: Actor, wanted: Filter = EVERYTHING) -> int:
    """How many there are; for all of them the head of the chain knows it without counting.

    With one filter an index alone is counted, without its rows.
    """
    if wanted != EVERYTHING:
        return reading(activities, _Numbered, actor, wanted=wanted).count()
    heads = reading(_heads, _Numbered, actor)[:1]
    return heads[0].sequence if heads else 0


def _heads(actor: Actor) -> QuerySet[ChainHead]:
    return ChainHead.objects.filter(workspace_id=actor.workspace_id)


def _between(first: int, last: int) -> Q:
    return Q(sequence__gt=first, sequence__lte=last)


def people(actor: Actor) -> list[tuple[UUID | None, str]]:
    """Everyone who did something in the actor's workspace, by e-mail address, past members too."""
    done = Activity.objects.filter(workspace_id=actor.workspace_id, user_id__isnull=False)
    last = done.order_by().values("user_id").annotate(last=Max("sequence")).values("last")
    latest = Activity.objects.filter(workspace_id=actor.workspace_id, sequence__in=last)
    return list(latest.order_by("actor_email").values_list("user_id", "actor_email"))
