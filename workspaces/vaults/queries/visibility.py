"""Who holds which role of what. Every list, page and action asks here, and nowhere else.

A role of an account or a secret comes directly, by a team, or by a collection that it is in: a
role of the collection, or of one above it, is the same role of the item. A role of a collection
comes directly, by a team, or from a collection above it. A disabled collection keeps its
own roles, and passes none on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from workspaces.vaults.models import (
    Account,
    AccountShare,
    Collection,
    CollectionItem,
    CollectionPath,
    CollectionShare,
    Role,
    Secret,
    SecretShare,
)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from workspaces.actor import Actor

    SharedSecret = WithAnnotations[Secret, "WithRole"]
    SharedAccount = WithAnnotations[Account, "WithRole"]
    SharedCollection = WithAnnotations[Collection, "WithRoles"]

Item = TypeVar("Item", Account, Secret)
Thing = TypeVar("Thing", Account, Secret, Collection)


class WithRole(TypedDict):
    """What `shared` adds to an item: the strongest role in which the actor shares it."""

    role: str


class WithRoles(TypedDict):
    """What `collections_for` adds to a collection: which roles the actor holds of it."""

    is_owner: bool
    is_collaborator: bool


def shared(actor: Actor, model: type[Item]) -> QuerySet[Any]:
    """The items that the actor shares, with their strongest `role`."""
    return _found(actor, model, *Role).annotate(
        role=Case(
            When(_held(actor, model, Role.OWNER), then=Value(Role.OWNER)),
            default=Value(Role.COLLABORATOR),
        )
    )


def owned(actor: Actor, model: type[Thing]) -> QuerySet[Thing]:
    """The items or collections of which the actor holds the Owner role."""
    return _found(actor, model, Role.OWNER)


def among_shares(actor: Actor, model: type[Thing], *roles: Role) -> QuerySet[Thing]:
    """The rows held in one of `roles`, found from the actor's shares on.

    The other queries ask of each row whether it is seen; this one never looks at the others.
    """
    if actor.member_id is None:
        return model.objects.none()
    mine = ("member_id", "team__team_members__member_id")
    ways = [way for path in mine for way in _ways(actor, model, roles, path)]
    return model.objects.filter(pk__in=ways[0].union(*ways[1:], all=True))


def collections_for(actor: Actor) -> QuerySet[SharedCollection]:
    """The collections of which the actor holds a role, with `is_owner` and `is_collaborator`."""
    return _found(actor, Collection, *Role).annotate(
        is_owner=_held(actor, Collection, Role.OWNER),
        is_collaborator=_held(actor, Collection, Role.COLLABORATOR),
    )


def _found(actor: Actor, model: type[Thing], *roles: Role) -> QuerySet[Thing]:
    found = model.objects.filter(workspace_id=actor.workspace_id)
    # A filter by no member would find every share with a team.
    return found.none() if actor.member_id is None else found.filter(_held(actor, model, *roles))


def _held(actor: Actor, model: type[Thing], *roles: Role) -> Any:
    """The condition, for rows of `model`, that the actor holds one of `roles`."""
    if issubclass(model, Collection):
        given = CollectionShare.objects.filter(_mine(actor, roles), item_id=OuterRef("pk"))
        from_above = CollectionPath.objects.filter(
            _mine(actor, roles, "ancestor__shares__"),
            descendant_id=OuterRef("parent_id"),
            is_open=True,
        )
        return Exists(given) | Exists(from_above)
    field, shares = ("account", AccountShare) if model is Account else ("secret", SecretShare)
    directly = shares.objects.filter(_mine(actor, roles), item_id=OuterRef("pk"))
    by_collection = CollectionItem.objects.filter(
        _mine(actor, roles, "collection__above__ancestor__shares__"),
        collection__above__is_open=True,
        **{f"{field}_id": OuterRef("pk")},
    )
    return Exists(directly) | Exists(by_collection)


def _ways(
    actor: Actor, model: type[Thing], roles: tuple[Role, ...], path: str
) -> list[QuerySet[Any, Any]]:
    """The ids of what the actor, found by `path` from a share, holds `roles` of."""

    def held(shares: str = "") -> Q:
        return Q(**{f"{shares}{path}": actor.member_id, f"{shares}role__in": roles})

    if issubclass(model, Collection):
        from_above = Collection.objects.filter(
            held("parent__above__ancestor__shares__"), parent__above__is_open=True
        )
        return [CollectionShare.objects.filter(held()).values("item_id"), from_above.values("pk")]
    field, shares = ("account", AccountShare) if model is Account else ("secret", SecretShare)
    by_collection = CollectionItem.objects.filter(
        held("collection__above__ancestor__shares__"),
        collection__above__is_open=True,
        **{f"{field}__isnull": False},
    )
    return [shares.objects.filter(held()).values("item_id"), by_collection.values(f"{field}_id")]


def _mine(actor: Actor, roles: tuple[Role, ...], shares: str = "") -> Q:
    """The condition, for the `shares` of something, that one of `roles` is the actor's."""
    member, team, role = f"{shares}member_id", f"{shares}team__team_members__member_id", "role"
    return Q(**{f"{shares}{role}__in": roles}) & (
        Q(**{member: actor.member_id}) | Q(**{team: actor.member_id})
    )
