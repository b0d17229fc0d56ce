"""What becomes of a member's accounts in applications when the member goes."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from workspaces.directory.models import Member
from workspaces.directory.queries import system_actor

from . import lifecycle
from .actions.users import removal_of
from .models import Integration, Job
from .sharing import keep_an_owner


@receiver(pre_delete, sender=Member)
def take_accounts_away(instance: Member, **_signal: Any) -> None:
    """Ask each application to end the account, and keep an Owner in each integration."""
    actor = system_actor(instance.workspace)
    mine = Integration.objects.filter(users__member=instance).order_by("id")
    for integration in mine.select_for_update(of=("self",), no_key=True):
        row = integration.users.select_related("member__user").get(member=instance)
        payload = removal_of(row)
        row.delete()
        keep_an_owner(actor, integration)
        lifecycle.create(
            actor,
            integration,
            Job.WorkflowType.REVOKE_ACCESS,
            payload,
            trigger=Job.Trigger.USER_DEPROVISIONED,
        )
