"""The activities of an actor's workspace. Whether the actor may read them is for callers to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max

from .models import Activity, ChainHead

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from workspaces.actor import Actor

    from .events import Event


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


def slice_of(
    actor: Actor, wanted: Filter, start: int, count: int, total: int
) -> QuerySet[Activity]:
    """The `count` activities after the `start` newest of `total`, newest first.

    A chain has no gaps, so any page of all of it is found by its numbers; where a filter has made
    gaps, the database skips the newer ones in an index.
    """
    found = activities(actor, wanted)
    if wanted != EVERYTHING:
        return found[start : start + count]
    return found.filter(sequence__lte=total - start, sequence__gt=total - start - count)


def total(actor: Actor, wanted: Filter = EVERYTHING) -> int:
    """How many there are; for all of them the head of the chain knows it without counting.

    With one filter an index alone is counted, without its rows.
    """
    if wanted != EVERYTHING:
        return activities(actor, wanted).count()
    heads = ChainHead.objects.filter(workspace_id=actor.workspace_id)
    return heads.values_list("sequence", flat=True).first() or 0


def people(actor: Actor) -> list[tuple[UUID | None, str]]:
    """Everyone who did something in the actor's workspace, by e-mail address, past members too."""
    done = Activity.objects.filter(workspace_id=actor.workspace_id, user_id__isnull=False)
    last = done.order_by().values("user_id").annotate(last=Max("sequence")).values("last")
    latest = Activity.objects.filter(workspace_id=actor.workspace_id, sequence__in=last)
    return list(latest.order_by("actor_email").values_list("user_id", "actor_email"))
