"""Integrations, what can be granted in them, their users, and the jobs that change them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from workspaces.activity.credentials import refuse_key
from workspaces.directory.models import Member, User, Workspace


class Integration(models.Model):
    """An application whose users are managed from here, through a connector.

    What the connector signs in with is sealed, in `sealed_token`.
    """

    class Status(models.TextChoices):
        ENABLED = "enabled", "Enabled"
        DISABLED = "disabled", "Disabled"

    class Removal(models.TextChoices):
        """What becomes of an account in the application when its user is removed."""

        DEACTIVATE = "deactivate", "Deactivate the account"
        DELETE = "delete", "Delete the account"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="integrations")
    application = models.CharField(max_length=100, validators=[refuse_key])
    label = models.CharField(max_length=200, validators=[refuse_key])
    connector = models.CharField(max_length=32)
    base_url = models.URLField(max_length=500, blank=True, validators=[refuse_key])
    sealed_token = models.BinaryField(null=True)
    token_version = models.PositiveIntegerField(default=0)
    removal = models.CharField(max_length=10, choices=Removal, default=Removal.DEACTIVATE)
    status = models.CharField(max_length=8, choices=Status, default=Status.ENABLED)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="integrations_in_order"),
        ]

    def __str__(self) -> str:
        return self.label


class Entitlement(models.Model):
    """What a user of an integration can be granted: a role, a licence, a group.

    `code` is its id in the API, as the application spells it: `MEMBER`.
    """

    class Group(models.TextChoices):
        PRIMARY = "primary", "Primary"
        SECONDARY = "secondary", "Secondary"

    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="entitlements"
    )
    code = models.CharField(max_length=100, validators=[refuse_key])
    key = models.CharField(max_length=100)
    value = models.CharField(max_length=200)
    label = models.CharField(max_length=200, validators=[refuse_key])
    group = models.CharField(max_length=9, choices=Group, default=Group.PRIMARY)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["integration", "code"], name="one_entitlement_per_code")
        ]

    def __str__(self) -> str:
        return self.label


class IntegrationUser(models.Model):
    """A member in an integration: their role here, and their account in the application.

    `pending` from the invitation until the account is there. Whoever is live sees the
    integration; its live Owners change it.
    """

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        COLLABORATOR = "collaborator", "Collaborator"

    class Status(models.TextChoices):
        LIVE = "live", "Live"
        PENDING = "pending", "Pending"
        DISABLED = "disabled", "Disabled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="users")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="integration_users")
    role = models.CharField(max_length=12, choices=Role, default=Role.COLLABORATOR)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    entitlements = models.ManyToManyField(Entitlement, related_name="users")
    dynamic_fields = models.JSONField(default=dict)
    # Its id in the application; empty where there is no account, or none that we made or found.
    remote_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["integration", "member"], name="once_in_an_integration")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["integration", "created_at", "id"], name="integration_users_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.integration}"


class Job(models.Model):
    """One thing that was asked of an integration, and how far it has come.

    `workspaces.automation.lifecycle` alone moves it on.
    """

    class WorkflowType(models.TextChoices):
        """What this product does; the contract's set is open."""

        PROVIDE_ACCESS = "provide_access", "Provide access"
        UPDATE_ACCESS = "update_access", "Update access"
        REVOKE_ACCESS = "revoke_access", "Revoke access"
        GET_BUSINESS = "get_business", "Check for updates"

    class Status(models.TextChoices):
        CREATED = "created", "Created"
        STARTED = "started", "Started"
        RUNNING = "running", "Running"
        RETRYING = "retrying", "Retrying"
        FINISHED = "finished", "Finished"
        ERROR = "error", "Failed"

    class Trigger(models.TextChoices):
        MANUAL = "manual", "A person"
        WORKSPACE_POLICY = "workspace_policy", "A policy"
        SYSTEM = "system", "The system"
        USER_DEPROVISIONED = "user_deprovisioned", "A member's removal"

    class ErrorType(models.TextChoices):
        """Why a job ended without its work done."""

        CANCELLED = "cancelled", "Cancelled"
        MARKED_FAILED = "marked_failed", "Marked as failed"
        INTEGRATION_DISABLED = "integration_disabled", "The integration is disabled"
        HOST_REFUSED = "host_refused", "The address may not be called"
        UNAUTHORIZED = "unauthorized", "The application refused the token"
        REFUSED = "refused", "The application refused the request"
        NOT_FOUND = "not_found", "The application does not know the account"
        UNREADABLE = "unreadable", "The answer could not be read"
        TIMED_OUT = "timed_out", "The application did not answer in time"
        UNREACHABLE = "unreachable", "The application could not be reached"
        RATE_LIMITED = "rate_limited", "The application asked for patience"
        SERVER_ERROR = "server_error", "The application failed"
        INTERNAL_ERROR = "internal_error", "Something failed here"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="jobs")
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="jobs")
    workflow_type = models.CharField(max_length=32, choices=WorkflowType)
    status = models.CharField(max_length=8, choices=Status, default=Status.CREATED)
    trigger = models.CharField(max_length=20, choices=Trigger, default=Trigger.MANUAL)
    payload = models.JSONField(default=dict)
    response = models.JSONField(null=True)
    error_type = models.CharField(max_length=20, choices=ErrorType, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The queue's entry that may carry the job out, and until when it answers for it: after that
    # the worker holds it for dead, and takes the job up again under another entry.
    task_id = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="jobs_in_order"),
            models.Index(fields=["workspace", "status", "created_at"], name="jobs_by_status"),
            models.Index(
                fields=["workspace", "workflow_type", "created_at"], name="jobs_by_workflow"
            ),
            models.Index(fields=["integration", "created_at", "id"], name="jobs_of_an_integration"),
            models.Index(
                fields=["integration", "created_at"],
                condition=~Q(status__in=["finished", "error"]),
                name="jobs_under_way",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(lease_until__isnull=False), name="jobs_leased"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_workflow_type_display()}: {self.integration}"

    @property
    def can_retry(self) -> bool:
        """Whether asking again makes sense: it failed, and nobody called it off."""
        return self.status == self.Status.ERROR and self.error_type != self.ErrorType.CANCELLED

    @property
    def needs_a_person(self) -> bool:
        """Whether someone has to mend something before a retry can help."""
        return self.error_type in _A_PERSON_S_TO_MEND

    @property
    def is_over(self) -> bool:
        return self.status in OVER


# What an entitlement is to the application, as SCIM names it.
KEYS = {Entitlement.Group.PRIMARY: "role", Entitlement.Group.SECONDARY: "entitlement"}

OVER = frozenset({Job.Status.FINISHED, Job.Status.ERROR})
_A_PERSON_S_TO_MEND = frozenset(
    {
        Job.ErrorType.MARKED_FAILED,
        Job.ErrorType.INTEGRATION_DISABLED,
        Job.ErrorType.HOST_REFUSED,
        Job.ErrorType.UNAUTHORIZED,
        Job.ErrorType.REFUSED,
        Job.ErrorType.NOT_FOUND,
        Job.ErrorType.UNREADABLE,
    }
)
