"""The append-only record of what happened: ids and names, no foreign key.

It outlives what it tells of. Rows are written by `workspaces.activity.actions.record` alone.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Activity(models.Model):
    """One event, chained to the one before it in the same workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id = models.UUIDField()
    sequence = models.PositiveBigIntegerField()
    timestamp = models.DateTimeField()
    event = models.CharField(max_length=48)
    actor_type = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True)
    actor_email = models.CharField(max_length=254, blank=True)
    actor_name = models.CharField(max_length=254, blank=True)
    target_type = models.CharField(max_length=32, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_name = models.CharField(max_length=254, blank=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=512, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    # The person behind an API key, so that "what did she do" finds both.
    user_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    key_version = models.PositiveIntegerField()
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "activities"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace_id", "sequence"], name="one_activity_per_sequence"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "event", "sequence"], name="activities_by_event"),
            models.Index(fields=["workspace_id", "user_id", "sequence"], name="activities_by_user"),
            models.Index(
                fields=["workspace_id", "timestamp", "sequence"], name="activities_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} #{self.sequence}"


class ChainHead(models.Model):
    """The last activity of a workspace's chain: its lock, its length, and proof against a cut."""

    workspace_id = models.UUIDField(primary_key=True)
    sequence = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    key_version = models.PositiveIntegerField()
    # HMAC over (workspace, sequence, digest): a head moved back by hand does not verify
    # unless it once stood there; exported checkpoints find that case too.
    signature = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"head #{self.sequence} of workspace {self.workspace_id}"
