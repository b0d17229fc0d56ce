"""Who shares a secret, an account or a collection: given, changed and taken away alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.directory.models import Member, Team
from workspaces.directory.roles import PERMISSIONS, require
from workspaces.vaults import queries
from workspaces.vaults.models import Account, Collection, Role, Secret

if TYPE_CHECKING:
    from uuid import UUID

    from workspaces.actor import Actor
    from workspaces.vaults.models import Share

Thing = TypeVar("Thing", Account, Secret, Collection)


class Kind(NamedTuple):
    """How activities tell of a kind of thing."""

    name: str
    shared: Event
    unshared: Event


KINDS: dict[type, Kind] = {
    Account: Kind("account", Event.ACCOUNT_SHARED, Event.ACCOUNT_UNSHARED),
    Collection: Kind("collection", Event.COLLECTION_SHARED, Event.COLLECTION_UNSHARED),
    Secret: Kind("secret", Event.SECRET_SHARED, Event.SECRET_UNSHARED),
}

# The roles in the workspace with which an Owner of a thing can do what its Owners do.
MAY_CHANGE = [role for role, may in PERMISSIONS.items() if Permission.CREATE_ITEMS in may]


def share(actor: Actor, thing: Thing, sharer: Member | Team, role: str) -> Share:
    """Share the thing with a live member or a team, or change the role of who shares it already.

    Only for its Owners. Raises PermissionDenied, ValidationError.
    """
    if role not in Role.values:
        raise ValidationError({"role": "Choose Owner or Collaborator."})
    who = {"member": sharer} if isinstance(sharer, Member) else {"team": sharer}
    with transaction.atomic():
        _hold(actor, sharer)
        thing = owned_now(actor, thing)
        given, is_new = thing.shares.update_or_create(**who, defaults={"role": role})
        if not is_new:
            _require_an_owner(thing)
        event = KINDS[type(thing)].shared
        record(actor, event, target=target(thing), role=role, **{"with": _named(sharer)})
    return given


def unshare(actor: Actor, given: Share) -> None:
    """Stop sharing something with someone. Only for its Owners: one who may change it remains."""
    with transaction.atomic():
        thing = owned_now(actor, given.item)
        shares = thing.shares.select_related("member__user", "team")
        given = shares.filter(pk=given.pk).first()
        if given is None:  # they have left meanwhile
            return
        given.delete()
        if given.role == Role.OWNER:
            _require_an_owner(thing)
        event = KINDS[type(thing)].unshared
        record(actor, event, target=target(thing), **{"with": _named(given.sharer)})


def owned_now(actor: Actor, thing: Thing) -> Thing:
    """The thing, locked, if the actor is an Owner of it at this moment. Raises PermissionDenied."""
    require(actor, Permission.CREATE_ITEMS)
    model = type(thing)
    # Rows that only name it (a foreign key is checked at commit) need not wait for this lock.
    locked = model.objects.select_for_update(no_key=True).get(pk=thing.pk)
    if not queries.owned(actor, model).filter(pk=thing.pk).exists():
        raise PermissionDenied
    return locked


def of_the_able(*, but: Member | None = None) -> Q:
    """The condition that a share is of a member, or a team with one, whose role allows changes."""
    able = Member.objects.filter(status=Member.Status.LIVE, role__in=MAY_CHANGE)
    if but is not None:
        able = able.exclude(pk=but.pk)
    return Q(member__in=able) | Q(team__team_members__member__in=able)


def acting_user(actor: Actor) -> UUID:
    """Whom something is made or changed by: a person, never the system."""
    if actor.user_id is None:
        raise PermissionDenied
    return actor.user_id


def target(thing: Account | Secret | Collection) -> Target:
    """The thing as an activity names it."""
    return Target(KINDS[type(thing)].name, thing.id, str(thing))


def _hold(actor: Actor, sharer: Member | Team) -> None:
    """Keep a live member, or a team, from leaving until the transaction ends.

    Before anything else is locked: whoever removes them locks them first, too. Raises
    ValidationError where they are not there.
    """
    where: dict[str, Any] = {"pk": sharer.pk, "workspace_id": actor.workspace_id}
    if isinstance(sharer, Member):
        where["status"] = Member.Status.LIVE
    found = type(sharer).objects.filter(**where)
    if not found.select_for_update(no_key=True):
        raise ValidationError({"sharer": "Choose a member or a team of this workspace."})


def _require_an_owner(thing: Account | Secret | Collection) -> None:
    """Raise ValidationError unless someone is left, directly or in a team, who may change it."""
    if not thing.shares.filter(of_the_able(), role=Role.OWNER).exists():
        name = KINDS[type(thing)].name
        article = "An" if name == "account" else "A"
        refusal = f"{article} {name} keeps at least one Owner who may change it."
        raise ValidationError({"role": refusal})


def _named(sharer: Member | Team) -> dict[str, str]:
    if isinstance(sharer, Member):
        return {"type": "user", "id": str(sharer.user_id), "name": sharer.user.get_full_name()}
    return {"type": "team", "id": str(sharer.id), "name": sharer.name}
