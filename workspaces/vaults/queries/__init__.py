"""What an actor may see of vaults, secrets, accounts and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from workspaces.vaults.models import Account, Collection, Role, Secret, Vault

from .lists import collections_in_places, collections_of, items_of, listed, outside, page_of
from .visibility import among_shares, collections_for, owned, shared
from .walks import Walk, remembered_total

if TYPE_CHECKING:
    from collections.abc import Collection as Some

    from django.db.models import QuerySet

    from workspaces.actor import Actor

    from .visibility import SharedAccount, SharedSecret

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


def walk_secrets(actor: Actor) -> Walk[Secret]:
    """The same, in pages, with the number of the present version."""
    return Walk(
        actor,
        owned(actor, Secret).select_related("current_version").defer(SEALED),
        among_shares(actor, Secret, Role.OWNER),
    )


def accounts_for(actor: Actor) -> QuerySet[SharedAccount]:
    """The accounts that the actor shares, with their strongest `role`."""
    return shared(actor, Account)


def owned_accounts_for(actor: Actor) -> QuerySet[Account]:
    """The accounts of which the actor is an Owner: all that an API key of theirs sees."""
    return owned(actor, Account)


def walk_accounts(
    actor: Actor, *, applications: Some[str] = (), statuses: Some[str] = ()
) -> Walk[Account]:
    """The same, in pages, of some applications and in some states alone."""
    wanted = Q()
    if applications:
        wanted &= Q(application__in=applications)
    if statuses:
        wanted &= Q(status__in=statuses)
    return Walk(
        actor,
        owned(actor, Account).filter(wanted),
        among_shares(actor, Account, Role.OWNER).filter(wanted),
    )


def walk_collections(actor: Actor) -> Walk[Any]:
    """The collections of which the actor holds a role, in pages."""
    return Walk(actor, collections_for(actor), among_shares(actor, Collection, *Role))
