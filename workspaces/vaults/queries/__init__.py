"""What an actor may see of vaults, secrets, accounts and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspaces.vaults.models import Account, Secret, Vault

from .visibility import collections_for, owned, shared

if TYPE_CHECKING:
    from collections.abc import Collection as Some

    from django.db.models import QuerySet

    from workspaces.actor import Actor

    from .visibility import SharedAccount, SharedSecret

__all__ = [
    "accounts_for",
    "collections_for",
    "owned",
    "owned_accounts_for",
    "owned_secrets_for",
    "secrets_for",
    "vaults_for",
]


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


def accounts_for(actor: Actor) -> QuerySet[SharedAccount]:
    """The accounts that the actor shares, with their strongest `role`."""
    return shared(actor, Account)


def owned_accounts_for(
    actor: Actor, *, applications: Some[str] = (), statuses: Some[str] = ()
) -> QuerySet[Account]:
    """The accounts of which the actor is an Owner: all that an API key of theirs sees."""
    found = owned(actor, Account)
    if applications:
        found = found.filter(application__in=applications)
    if statuses:
        found = found.filter(status__in=statuses)
    return found
