"""What becomes of what a member or a team owns when they go."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from workspaces.activity.actions import record
from workspaces.directory.models import Member, Team
from workspaces.directory.queries import system_actor

from .actions.sharing import KINDS, of_the_able, target
from .models import Account, AccountShare, Collection, CollectionShare, Role, Secret, SecretShare

OWNED: tuple[tuple[Any, Any], ...] = (
    (Account, AccountShare),
    (Secret, SecretShare),
    (Collection, CollectionShare),
)


@receiver(pre_delete, sender=Member)
@receiver(pre_delete, sender=Team)
def hand_over(instance: Member | Team, **_signal: Any) -> None:
    """Leave to the workspace's Owner what nobody else owns who may change it: nobody ever could."""
    leaver = instance if isinstance(instance, Member) else None
    who = "member" if leaver else "team"
    remaining = of_the_able(but=leaver)
    heir = instance.workspace.owner
    for model, shares in OWNED:
        owning = shares.objects.filter(item_id=OuterRef("pk"), role=Role.OWNER)
        theirs = Exists(owning.filter(**{who: instance}))
        others = Exists(owning.filter(remaining).exclude(**{who: instance}))
        for thing in model.objects.filter(theirs, ~others):
            thing.shares.update_or_create(member=heir, defaults={"role": Role.OWNER})
            record(
                system_actor(instance.workspace),
                KINDS[model].shared,
                target(thing),
                role=Role.OWNER,
                **{"with": {"type": "user", "id": heir.user_id, "name": heir.user.get_full_name()}},
            )
