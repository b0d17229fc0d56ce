"""That every integration has an Owner, whoever goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event

from .models import Integration, IntegrationUser

if TYPE_CHECKING:
    from workspaces.actor import Actor

OWNING = {"role": IntegrationUser.Role.OWNER, "status": IntegrationUser.Status.LIVE}


def target_of(integration: Integration) -> Target:
    return Target("account", integration.id, integration.label)


def has_owner(integration: Integration) -> bool:
    return integration.users.filter(**OWNING).exists()


def keep_an_owner(actor: Actor, integration: Integration) -> None:
    """Leave to the workspace's Owner what nobody else owns: no one could change it any more."""
    if not has_owner(integration):
        row, _ = IntegrationUser.objects.update_or_create(
            integration=integration, member=integration.workspace.owner, defaults=OWNING
        )
        record_sharing(actor, row)


def record_sharing(actor: Actor, row: IntegrationUser) -> None:
    """Record that `row` has its role now."""
    user = row.member.user
    record(
        actor,
        Event.INTEGRATION_SHARED,
        target=target_of(row.integration),
        role=row.role,
        **{"with": {"type": "user", "id": str(user.id), "name": user.get_full_name()}},
    )
