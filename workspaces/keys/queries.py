"""The API keys of a workspace, as its admins see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from .by_use import ByUse
from .models import ApiKey

if TYPE_CHECKING:
    from uuid import UUID

    from workspaces.actor import Actor

LIVING = "living"
ALL = "all"
# What the table can be sorted by; "-" before a name reverses it.
COLUMNS = {"name": "name", "created": "created_at", "expires": "expires_at"}
LAST_USED = "last_used"
SORTS = (*COLUMNS, LAST_USED)
NEWEST_FIRST = "-created"


def keys_of(actor: Actor) -> QuerySet[ApiKey]:
    """Every key of the actor's workspace, with who made it and when it was last used."""
    return ApiKey.objects.filter(workspace_id=actor.workspace_id).select_related(
        "created_by", "usage"
    )


def table(
    actor: Actor, *, search: str = "", status: str = LIVING, sort: str = NEWEST_FIRST
) -> QuerySet[ApiKey]:
    """The rows of the table: those whose name, id or maker holds `search`, in the status asked."""
    keys = keys_of(actor) if status == ALL else in_state(keys_of(actor), status)
    for word in search.split():
        keys = keys.filter(
            Q(name__icontains=word)
            | Q(key_id__icontains=word)
            | Q(created_by__email__icontains=word)
            | Q(created_by__first_name__icontains=word)
            | Q(created_by__last_name__icontains=word)
        )
    name = sort.removeprefix("-")
    backwards = sort.startswith("-")
    if name == LAST_USED:
        column = F("usage__last_used_at")
        order = column.desc(nulls_last=True) if backwards else column.asc(nulls_last=True)
        return keys.order_by(order, "id")
    # Turned round as a whole, the order is that of the same index read from its end.
    keys = keys.order_by(COLUMNS[name], "id")
    return keys.reverse() if backwards else keys


def ids(actor: Actor, *, search: str, status: str, sort: str) -> QuerySet[ApiKey, UUID] | ByUse:
    """The ids of the table's rows: sorting ten thousand keys costs what is sorted."""
    keys = table(actor, search=search, status=status, sort=sort)
    if sort.removeprefix("-") == LAST_USED and not search:
        return ByUse(actor, keys.order_by(), every=status == ALL, latest=sort.startswith("-"))
    return keys.values_list("pk", flat=True)


def in_state(keys: QuerySet[ApiKey], state: str) -> QuerySet[ApiKey]:
    """Those of `keys` whose state is `state` at this moment, or that are LIVING."""
    now = timezone.now()
    undone = Q(status__in=[ApiKey.Status.ACTIVE, ApiKey.Status.DISABLED])
    if state == LIVING:
        return keys.filter(undone, expires_at__gt=now)
    if state == ApiKey.Status.EXPIRED:
        return keys.filter(Q(status=state) | (undone & Q(expires_at__lte=now)))
    if state == ApiKey.Status.REMOVED:
        return keys.filter(status=state)
    return keys.filter(status=state, expires_at__gt=now)


def find_key(actor: Actor, id_: UUID) -> ApiKey | None:
    """The key of the actor's workspace, or None."""
    return keys_of(actor).select_related("workspace", "owner").filter(pk=id_).first()


def stored_from_draft(actor: Actor, draft_id: UUID) -> ApiKey | None:
    """The key that this actor already made from the draft, or None."""
    return keys_of(actor).filter(pk=draft_id, owner_id=actor.member_id).first()


def name_is_taken(actor: Actor, name: str) -> bool:
    """Whether a living key of the workspace has the name, in whatever case."""
    return table(actor).filter(name__iexact=name).exists()
