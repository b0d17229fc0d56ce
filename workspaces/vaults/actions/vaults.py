"""Every write to vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.directory.actions import create_workspace
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import require
from workspaces.vaults import queries
from workspaces.vaults.models import Vault

if TYPE_CHECKING:
    from workspaces.actor import Actor
    from workspaces.directory.models import User, Workspace

DEFAULT_VAULT_NAME = "Company vault"


def open_workspace(owner: User, slug: str, name: str) -> Workspace:
    """Create a workspace with its Owner and the default vault that every workspace has."""
    with transaction.atomic():
        workspace = create_workspace(owner, slug, name)
        create_vault(actor_for(workspace.owner), DEFAULT_VAULT_NAME, is_default=True)
    return workspace


def create_vault(actor: Actor, name: str, *, is_default: bool = False) -> Vault:
    """Add a vault to the actor's workspace. Raises PermissionDenied, ValidationError."""
    require(actor, Permission.CHANGE_SETTINGS)
    vault = Vault(workspace_id=actor.workspace_id, name=name.strip(), is_default=is_default)
    with transaction.atomic():
        vault.full_clean()
        vault.save()
        target = Target("vault", vault.id, vault.name)
        record(actor, Event.VAULT_CREATED, target=target, isDefault=is_default)
    return vault


def require_open(actor: Actor, vault: Vault) -> None:
    """Hold the vault open until the transaction ends. Raises ValidationError where it is not."""
    if not queries.vaults_for(actor).select_for_update(no_key=True).filter(pk=vault.pk):
        raise ValidationError({"vault": "This vault takes no new secrets. Choose another one."})
