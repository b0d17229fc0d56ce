"""What the pages list: found the cheaper way, counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from workspaces.vaults.models import Account, Collection, CollectionItem, Role, Secret

from .visibility import among_shares, collections_for, owned, shared
from .walks import SHORT, remembered_total

if TYPE_CHECKING:
    from workspaces.actor import Actor

    from .visibility import SharedCollection


def listed(actor: Actor, model: type[Any], wanted: Q) -> tuple[QuerySet[Any], int]:
    """The items that the actor shares, as `wanted`, with their `role`; and how many there are."""
    among = among_shares(actor, model, *Role).filter(wanted)
    total = remembered_total(actor, among)
    found = shared(actor, model).filter(wanted)
    # Of little, starting at it is cheaper than asking of each row whether it is seen.
    return (found.filter(pk__in=among.values("pk")) if total <= SHORT else found), total


def page_of(found: QuerySet[Any], total: int, size: int, number: str | None) -> Page[Any]:
    """The page of that number, or the one next to it; nothing is counted again."""
    paginator = Paginator(found, size)
    paginator.count = total  # a cached property, known already
    return paginator.get_page(number)


def items_of(actor: Actor, collection: Collection) -> QuerySet[CollectionItem]:
    """What is in the collection, as far as the actor sees it."""
    return (
        CollectionItem.objects.filter(
            Q(account__in=shared(actor, Account).values("pk"))
            | Q(secret__in=shared(actor, Secret).values("pk")),
            collection=collection,
        )
        .select_related("account", "secret")
        .order_by("id")
    )


def collections_in_places(actor: Actor) -> QuerySet[SharedCollection]:
    """The collections of which the actor holds a role, with the name of the one above: `inside`.

    Of one that is not shared with the actor, not even the name is for them to see.
    """
    above = collections_for(actor).filter(pk=OuterRef("parent_id")).values("name")
    return collections_for(actor).annotate(inside=Subquery(above))


def collections_of(actor: Actor, account: Account) -> QuerySet[SharedCollection]:
    """The collections that the account is in, as far as the actor shares them."""
    return collections_for(actor).filter(items__account=account).order_by("name", "id")


def outside(actor: Actor, collection: Collection, model: type[Any]) -> QuerySet[Any]:
    """What the actor owns and could put into the collection."""
    field = "account" if model is Account else "secret"
    inside = CollectionItem.objects.filter(collection=collection, **{field: OuterRef("pk")})
    return owned(actor, model).filter(~Exists(inside))
