"""What an actor may see of vaults, secrets, accounts and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workspaces.contract.reading import reading
from workspaces.vaults.models import Account, Collection, Role, Secret, Vault

from .lists import collections_in_places, collections_of, items_of, listed, outside, page_of
from .visibility import among_shares, collections_for, owned, shared
from .walks import Place, Row, Walk, remembered_total

if TYPE_CHECKING:
    from collections.abc import Collection as Some

    from django.db.models import QuerySet

    from workspaces.actor import Actor

    from .visibility import SharedAccount, SharedSecret

    Wanted = tuple[tuple[str, tuple[str, ...]], ...]  # conditions, by the ORM's names

__all__ = [
    "accounts_for",
    "collections_for",
    "collections_in_places",
    "collections_of",
    "items_of",
    "listed",
    "outside",
    "owned",
    "owned_accounts_for",
    "owned_secrets_for",
    "page_of",
    "remembered_total",
    "secrets_for",
    "shared",
    "vaults_for",
    "walk_accounts",
    "walk_collections",
    "walk_secrets",
]


SEALED = "current_version__sealed_body"


def vaults_for(actor: Actor) -> QuerySet[Vault]:
    """The vaults that take new secrets: the default one first, then by name."""
    return Vault.objects.filter(
        workspace_id=actor.workspace_id, status=Vault.Status.ENABLED
    ).order_by("-is_default", "name")


def secrets_for(actor: Actor) -> QuerySet[SharedSecret]:
    """The secrets that the actor shares, with their strongest `role`."""
    return shared(actor, Secret)


def owned_secrets_for(actor: Actor) -> QuerySet[Secret]:
    """The secrets of which the actor is an Owner: all that an API key of theirs sees."""
    return owned(actor, Secret)


def walk_secrets(actor: Actor, into: type[Row]) -> Walk[Row]:
    """The same, in pages."""
    return Walk(
        actor,
        reading(_in_order, into, actor, model=Secret),
        reading(_among_owned, Place, actor, model=Secret),
    )


def accounts_for(actor: Actor) -> QuerySet[SharedAccount]:
    """The accounts that the actor shares, with their strongest `role`."""
    return shared(actor, Account)


def owned_accounts_for(actor: Actor) -> QuerySet[Account]:
    """The accounts of which the actor is an Owner: all that an API key of theirs sees."""
    return owned(actor, Account)


def walk_accounts(
    actor: Actor, into: type[Row], *, applications: Some[str] = (), statuses: Some[str] = ()
) -> Walk[Row]:
    """The same, in pages, of some applications and in some states alone."""
    wanted = []
    if applications:
        wanted.append(("application__in", tuple(applications)))
    if statuses:
        wanted.append(("status__in", tuple(statuses)))
    return Walk(
        actor,
        reading(_in_order, into, actor, model=Account, wanted=tuple(wanted)),
        reading(_among_owned, Place, actor, model=Account, wanted=tuple(wanted)),
    )


def walk_collections(actor: Actor, into: type[Row]) -> Walk[Row]:
    """The collections of which the actor holds a role, in pages."""
    return Walk(
        actor,
        reading(_collections_in_order, into, actor),
        reading(_among_collections, Place, actor),
    )


def _in_order(actor: Actor, *, model: type[Any], wanted: Wanted = ()) -> QuerySet[Any]:
    return owned(actor, model).filter(*wanted).order_by("created_at", "id")


def _among_owned(actor: Actor, *, model: type[Any], wanted: Wanted = ()) -> QuerySet[Any]:
    found = among_shares(actor, model, Role.OWNER)
    return found.filter(*wanted).order_by("created_at", "id")


def _collections_in_order(actor: Actor) -> QuerySet[Any]:
    return collections_for(actor).order_by("created_at", "id")


def _among_collections(actor: Actor) -> QuerySet[Any]:
    return among_shares(actor, Collection, *Role).order_by("created_at", "id")
