"""The data keys that seal what must be read again, themselves wrapped by a master key."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class DataKey(models.Model):
    """A workspace's data key, wrapped by the master key of version `master_version`.

    Holds the workspace's id without a foreign key: sealing stands below the directory.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace_id = models.UUIDField()
    version = models.PositiveIntegerField(default=1)
    wrapped = models.BinaryField()
    master_version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace_id", "version"], name="one_data_key_per_version"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["master_version", "id"], name="data_keys_to_rewrap"),
        ]

    def __str__(self) -> str:
        return f"data key {self.version} of workspace {self.workspace_id}"
