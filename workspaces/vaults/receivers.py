"""What becomes of a member's secrets when the member goes."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.directory.models import Member
from workspaces.directory.queries import system_actor

from .models import Secret, SecretShare


@receiver(pre_delete, sender=Member)
def hand_over_secrets(instance: Member, **_signal: Any) -> None:
    """Leave to the workspace's Owner what nobody else owns: it could never be read again."""
    owning = SecretShare.objects.filter(secret_id=OuterRef("pk"), role=SecretShare.Role.OWNER)
    heir = instance.workspace.owner
    for secret in Secret.objects.filter(
        Exists(owning.filter(member=instance)), ~Exists(owning.exclude(member=instance))
    ):
        SecretShare.objects.update_or_create(
            secret=secret, member=heir, defaults={"role": SecretShare.Role.OWNER}
        )
        record(
            system_actor(instance.workspace),
            Event.SECRET_SHARED,
            Target("secret", secret.id, secret.title),
            role=SecretShare.Role.OWNER,
            **{"with": {"type": "user", "id": heir.user_id, "name": heir.user.get_full_name()}},
        )
