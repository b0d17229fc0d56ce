"""API keys and when they were last used. A key's row is never deleted."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from workspaces.directory.models import Member, User, Workspace

from .material import masked


class ApiKey(models.Model):
    """A key that has been stored by its owner. Of its secret only the argon2id hash exists.

    `status` is what was done to the key; `state` adds what time did to it.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DISABLED = "disabled", "Disabled"
        EXPIRED = "expired", "Expired"
        REMOVED = "removed", "Removed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key_id = models.CharField(max_length=12, unique=True, editable=False)
    secret_hash = models.CharField(max_length=128, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="api_keys")
    # Null once the owner's membership is gone: such a key opens nothing.
    owner = models.ForeignKey(Member, on_delete=models.SET_NULL, related_name="api_keys", null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    # Fewer than the workspace gives to each of its keys; null: as many.
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        constraints: ClassVar = [
            # An index cannot ask the clock: making a key first marks the lapsed ones as expired
            # (workspaces.keys.actions), which gives their names free.
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                condition=Q(status__in=["active", "disabled"]),
                name="one_living_key_per_name",
            ),
            models.CheckConstraint(
                condition=Q(status="removed", removed_at__isnull=False)
                | (~Q(status="removed") & Q(removed_at__isnull=True)),
                name="removed_keys_say_when",
            ),
        ]
        indexes: ClassVar = [
            # Each holds all that keys in a state are found and sorted by: no row is read for it.
            models.Index(
                fields=["workspace", "created_at", "id", "status", "expires_at"],
                name="keys_by_creation",
            ),
            models.Index(
                fields=["workspace", "name", "id", "status", "expires_at"], name="keys_by_title"
            ),
            models.Index(
                fields=["workspace", "expires_at", "id", "status"], name="keys_by_lifetime"
            ),
            models.Index(
                fields=["workspace", "status", "expires_at", "created_at", "name", "id"],
                name="keys_in_a_state",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked(self) -> str:
        """The form in which the key is shown: its id, and dots."""
        return masked(self.key_id)

    @property
    def state(self) -> Status:
        """The key's status at this moment: one whose time is up has expired, unless removed."""
        if self.status in {self.Status.ACTIVE, self.Status.DISABLED} and (
            self.expires_at <= timezone.now()
        ):
            return self.Status.EXPIRED
        return self.Status(self.status)


class KeyUsage(models.Model):
    """When a key last opened the API; apart from `ApiKey`, so that counting never touches it."""

    key = models.OneToOneField(
        ApiKey, on_delete=models.CASCADE, primary_key=True, related_name="usage"
    )
    last_used_at = models.DateTimeField()
    # The key's, written by a trigger (`migrations.0004_usage_of_a_workspace`) and by nothing else;
    # no constraint, which would look at the workspace each time: the key has looked already.
    workspace = models.ForeignKey(
        Workspace,
        on_delete=models.DO_NOTHING,
        related_name="+",
        null=True,
        editable=False,
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "last_used_at", "key"], name="keys_by_use"),
        ]

    def __str__(self) -> str:
        return f"usage of {self.key_id}"


class Epoch(models.Model):
    """One row: how often what verification asks about has changed.

    Triggers advance it (`migrations.0003_epoch`); nothing else writes it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    value = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.value)
