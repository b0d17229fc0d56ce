"""How long a key may live, and who may do what with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from workspaces.actor import Actor, Permission

if TYPE_CHECKING:
    from workspaces.directory.models import Workspace

    from .models import ApiKey

SHORTEST_CUSTOM_LIFETIME = timedelta(minutes=5)


class Expiration(models.TextChoices):
    """The choices of the wizard's *Expiration time*."""

    HOUR = "1h", "1 hour"
    HALF_DAY = "12h", "12 hours"
    DAY = "1d", "1 day"
    FIVE_DAYS = "5d", "5 days"
    YEAR = "1y", "1 year"
    CUSTOM = "custom", "Custom"


LIFETIMES = {
    Expiration.HOUR: timedelta(hours=1),
    Expiration.HALF_DAY: timedelta(hours=12),
    Expiration.DAY: timedelta(days=1),
    Expiration.FIVE_DAYS: timedelta(days=5),
    Expiration.YEAR: timedelta(days=365),
}


def longest_lifetime(workspace: Workspace) -> timedelta:
    """How long a key of the workspace may live at most."""
    return timedelta(days=workspace.max_key_lifetime_days)


def expirations(workspace: Workspace) -> list[tuple[str, str]]:
    """The choices that the workspace's longest lifetime leaves, as (value, label)."""
    longest = longest_lifetime(workspace)
    return [
        (choice.value, choice.label)
        for choice in Expiration
        if choice is Expiration.CUSTOM or LIFETIMES[choice] <= longest
    ]


def expiry(expiration: Expiration, custom: datetime | None) -> datetime:
    """When a key stored at this moment dies: its lifetime runs from Done, not from step 1."""
    if expiration is Expiration.CUSTOM:
        if custom is None:
            raise ValueError("a custom expiration needs its time")
        return custom
    return timezone.now() + LIFETIMES[expiration]


def owns(actor: Actor, key: ApiKey) -> bool:
    """Whether the actor made the key and still holds a role that may own keys."""
    return (
        key.owner_id is not None
        and key.owner_id == actor.member_id
        and actor.may(Permission.OWN_KEYS)
    )


def may_see_details(actor: Actor, key: ApiKey) -> bool:
    return owns(actor, key) or actor.may(Permission.STOP_ANY_KEY)


def may_change_scopes(actor: Actor, key: ApiKey) -> bool:
    return owns(actor, key) and key.state == key.Status.ACTIVE


def may_limit(actor: Actor, key: ApiKey) -> bool:
    return may_see_details(actor, key) and key.state == key.Status.ACTIVE


def may_remove(actor: Actor, key: ApiKey) -> bool:
    return owns(actor, key) or actor.may(Permission.STOP_ANY_KEY)


def may_disable(actor: Actor, _key: ApiKey) -> bool:
    """Disabling is a stop that only those who may stop any key can lift."""
    return actor.may(Permission.STOP_ANY_KEY)
