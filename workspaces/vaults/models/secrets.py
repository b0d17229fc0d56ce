"""Vaults, and the secrets kept in them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from workspaces.activity.credentials import refuse_key
from workspaces.directory.models import User, Workspace
from workspaces.names import refuse_invisible

from .shares import Share


class Vault(models.Model):
    """A place for secrets. Every workspace has a default one; a disabled one takes no more."""

    class Status(models.TextChoices):
        ENABLED = "enabled", "Enabled"
        DISABLED = "disabled", "Disabled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="vaults")
    name = models.CharField(max_length=100, validators=[refuse_key, refuse_invisible])
    status = models.CharField(max_length=8, choices=Status, default=Status.ENABLED)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workspace", Lower("name"), name="one_vault_per_name"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="one_default_vault"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Secret(models.Model):
    """A sealed text with versions. Its body is in `SecretVersion`, never here."""

    class Category(models.TextChoices):
        TEXT = "text", "Text"
        WIFI_PASSWORD = "wifi_password", "Wi-Fi password"
        SSH_KEY = "ssh_key", "SSH key"
        DATABASE = "database", "Database"
        SERVER = "server", "Server"
        SOFTWARE_LICENSE = "software_license", "Software license"
        CUSTOM = "custom", "Custom"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DISABLED = "disabled", "Disabled"

    class EventName(models.TextChoices):
        CREATE = "create", "Created"
        UPDATE = "update", "Updated"
        RESTORE_VERSION = "restore_version", "Version restored"
        DELETE = "delete", "Deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="secrets")
    vault = models.ForeignKey(Vault, on_delete=models.PROTECT, related_name="secrets")
    title = models.CharField(max_length=200, validators=[refuse_key, refuse_invisible])
    category = models.CharField(max_length=16, choices=Category, default=Category.TEXT)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    event_name = models.CharField(max_length=16, choices=EventName, default=EventName.CREATE)
    expires_at = models.DateTimeField(null=True, blank=True)
    requires_identity_challenge = models.BooleanField(default=False)
    current_version = models.ForeignKey("SecretVersion", on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="secrets_in_order"),
            models.Index(fields=["workspace", "-updated_at", "id"], name="secrets_by_change"),
        ]

    def __str__(self) -> str:
        return self.title


class SecretVersion(models.Model):
    """A body that a secret has or had, sealed under its workspace's data key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    secret = models.ForeignKey(Secret, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sealed_body = models.BinaryField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["secret", "number"], name="one_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.secret_id}"


class SecretShare(Share):
    """Someone who shares a secret. Owners change and share it, Collaborators read it."""

    item = models.ForeignKey(Secret, on_delete=models.CASCADE, related_name="shares")
