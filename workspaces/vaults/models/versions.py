"""How often what members see of a workspace's items has changed."""

from __future__ import annotations

from django.db import models


class ItemsVersion(models.Model):
    """A number that moves, in the same transaction, with whatever moves what anybody sees.

    Triggers move it (the second migration), not actions: teams belong to an app that knows
    nothing of items, and a row changed by hand in SQL counts like any other. What was remembered
    under a number is true as long as the number stands. No foreign key: a workspace's last rows
    may move it while they go.
    """

    workspace_id = models.UUIDField(primary_key=True)
    version = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"version {self.version} of the items of {self.workspace_id}"
