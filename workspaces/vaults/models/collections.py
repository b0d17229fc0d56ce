"""Collections: accounts and secrets that are shared together, in a tree."""

from __future__ import annotations

import uuid
from typing import ClassVar, cast

from django.db import models
from django.db.models import Q

from workspaces.activity.credentials import refuse_key
from workspaces.directory.models import User, Workspace
from workspaces.names import refuse_invisible

from .accounts import Account
from .secrets import Secret
from .shares import Share


class Collection(models.Model):
    """Items that are shared at once: a role of the collection is that role of all in and below it.

    A disabled collection gives no role of what is in it or below it.
    """

    class Status(models.TextChoices):
        ENABLED = "enabled", "Enabled"
        DISABLED = "disabled", "Disabled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="collections", db_index=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="subcollections", null=True, blank=True
    )
    name = models.CharField(max_length=100, validators=[refuse_key, refuse_invisible])
    status = models.CharField(max_length=8, choices=Status, default=Status.ENABLED)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["enabled", "disabled"]), name="collection_status_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="collections_in_order"),
            models.Index(fields=["workspace", "name", "id"], name="collections_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class CollectionPath(models.Model):
    """That `descendant` is below `ancestor`, or is it: the tree, ready for one look.

    Kept by `workspaces.vaults.actions.tree`. `is_open` says that every collection from the one
    to the other is enabled, so that roles pass.
    """

    ancestor = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="below", db_index=False
    )
    descendant = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="above")
    is_open = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ancestor", "descendant"], name="one_path_per_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.ancestor_id} > {self.descendant_id}"


class CollectionItem(models.Model):
    """An account or a secret in a collection."""

    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="collection_items", null=True
    )
    secret = models.ForeignKey(
        Secret, on_delete=models.CASCADE, related_name="collection_items", null=True
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account__isnull=True) ^ Q(secret__isnull=True),
                name="an_account_or_a_secret",
            ),
            models.UniqueConstraint(fields=["collection", "account"], name="an_account_once"),
            models.UniqueConstraint(fields=["collection", "secret"], name="a_secret_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id or self.secret_id} in {self.collection_id}"

    @property
    def item(self) -> Account | Secret:
        """The account or the secret; the database holds that it is one of them."""
        return cast("Account | Secret", self.account or self.secret)


class CollectionShare(Share):
    """Someone who shares a collection, and thereby, in the same role, what is in it."""

    item = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="shares")
