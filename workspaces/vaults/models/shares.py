"""What the shares of secrets, accounts and collections have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import models
from django.db.models import Q

from workspaces.directory.models import Member, Team


class Role(models.TextChoices):
    """What someone is to an item; the API writes it with the item's kind: `secret_owner`."""

    OWNER = "owner", "Owner"
    COLLABORATOR = "collaborator", "Collaborator"


class Share(models.Model):
    """Someone who shares `item`: a member or a team, as Owner or Collaborator."""

    if TYPE_CHECKING:
        item_id: Any
        item: Any  # each kind of item has its own shares, and names itself there

    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, related_name="+", null=True, db_index=False
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="+", null=True, db_index=False
    )
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(member__isnull=True) ^ Q(team__isnull=True),
                name="%(class)s_of_a_member_or_a_team",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "collaborator"]), name="%(class)s_role_is_known"
            ),
            models.UniqueConstraint(
                fields=["item", "member"],
                condition=Q(member__isnull=False),
                name="%(class)s_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["item", "team"],
                condition=Q(team__isnull=False),
                name="%(class)s_once_per_team",
            ),
        ]
        # What someone shares, by role, without a look at the rest.
        indexes: ClassVar = [
            models.Index(fields=["member", "role", "item"], name="%(class)s_by_member"),
            models.Index(fields=["team", "role", "item"], name="%(class)s_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.item_id}"

    @property
    def sharer(self) -> Member | Team:
        """The member or the team; the database holds that it is one of them."""
        return cast("Member | Team", self.member or self.team)
