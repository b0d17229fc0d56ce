"""What the API remembers of its own answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class FirstAnswer(models.Model):
    """The answer to a write that was sent with an Idempotency-Key.

    Of what the request said only digests are kept, so that nothing of it can be read here;
    `key_id` is the API key's row, whose life does not depend on this one's.
    """

    key_id = models.UUIDField()
    name_digest = models.BinaryField(max_length=32)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    content = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key_id", "name_digest"], name="one_answer_per_idempotency_key"
            ),
        ]

    def __str__(self) -> str:
        return f"an answer {self.status} to API key {self.key_id}"
