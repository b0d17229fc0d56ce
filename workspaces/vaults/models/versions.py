"""Which state of what members see of a workspace's items is the present one."""

from __future__ import annotations

from django.db import models


class ItemsVersion(models.Model):
    """A number that becomes another, at random, with whatever changes what anybody sees.

    Triggers change it (the second migration), in the same transaction, and not actions: teams
    belong to an app that knows nothing of items, and a row changed by hand in SQL counts like any
    other. What was remembered under a number is true as long as the number stands. No foreign
    key: a workspace's last rows may change it while they go.
    """

    workspace_id = models.UUIDField(primary_key=True)
    version = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"version {self.version} of the items of {self.workspace_id}"
