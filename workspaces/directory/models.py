"""Users, the workspaces they are members of, and teams."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from workspaces.activity.credentials import refuse_key

from .roles import Role


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is kept in lower case, so that it signs in however typed."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do is said by their memberships, not here.

    `is_staff` opens the Django admin: it makes an operator, not a member of any workspace.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail", max_length=254, unique=True)
    first_name = models.CharField("first name", max_length=100, blank=True, validators=[refuse_key])
    last_name = models.CharField("last name", max_length=100, blank=True, validators=[refuse_key])
    time_zone = models.CharField("time zone", max_length=64, blank=True)
    is_staff = models.BooleanField("operator", default=False)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="email_is_in_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """First and last name, or the e-mail address where neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def initials(self) -> str:
        """One or two letters that stand for the person in an avatar."""
        return (f"{self.first_name[:1]}{self.last_name[:1]}" or self.email[:1]).upper()

    def get_short_name(self) -> str:
        return self.first_name or self.email


class Workspace(models.Model):
    """A tenant: nothing in one workspace is ever visible from another.

    Its Owner is `owner`, a member of it; triggers of the second migration keep `Member.role` in
    step: naming another owner moves the role, and nothing else does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Also a label of a host name: `<slug>.<domain>`.
    slug = models.SlugField(
        max_length=63,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z",
                "Use small letters, digits and hyphens; begin and end with a letter or a digit.",
            )
        ],
    )
    name = models.CharField(max_length=100, validators=[refuse_key])
    owner = models.OneToOneField("Member", on_delete=models.PROTECT, related_name="+")
    max_key_lifetime_days = models.PositiveSmallIntegerField(
        "longest lifetime of an API key (days)",
        default=366,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    requests_per_minute = models.PositiveIntegerField(
        "requests a minute of an API key",
        default=600,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A user in a workspace, with the role they hold there."""

    class Status(models.TextChoices):
        LIVE = "live", "Live"
        PENDING = "pending", "Pending"
        DISABLED = "disabled", "Disabled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=32, choices=Role)
    status = models.CharField(max_length=8, choices=Status, default=Status.LIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_user"),
            # At most one; that it is the one whom Workspace.owner (never null) names, the
            # triggers of the second migration see to: one Owner, exactly.
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(role="workspace_owner"),
                name="one_owner_per_workspace",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="member_role_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["live", "pending", "disabled"]),
                name="member_status_is_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="members_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"

    @property
    def is_guest(self) -> bool:
        return self.role == Role.GUEST


class Team(models.Model):
    """A group of members with which items are shared at once."""

    class Type(models.TextChoices):
        USER_MANAGED = "user_managed", "Managed here"
        SCIM_MANAGED = "scim_managed", "Managed by SCIM"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=100, validators=[refuse_key])
    type = models.CharField(max_length=12, choices=Type, default=Type.USER_MANAGED)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                name="one_team_per_name",
                violation_error_message="Another team has this name. Choose another.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="teams_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A member in a team; an admin of the team may change who is in it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="team_members")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="team_memberships")
    is_admin = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "member"], name="once_in_a_team"),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.team}"
