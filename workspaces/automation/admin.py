from __future__ import annotations

from django.contrib import admin

from workspaces.operators import ReadOnlyAdmin

from .models import Integration, Job


@admin.register(Integration)
class IntegrationAdmin(ReadOnlyAdmin):
    """What is known about integrations; what they sign in with is shown to nobody."""

    list_display = ("label", "application", "workspace", "connector", "status", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("status", "connector", ("workspace", admin.RelatedOnlyFieldListFilter))
    search_fields = ("label", "application", "workspace__slug")
    ordering = ("-created_at", "id")
    fields = (
        "id",
        "label",
        "application",
        "workspace",
        "connector",
        "base_url",
        "removal",
        "status",
        "created_by",
        "created_at",
        "updated_at",
    )


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """How far jobs have come, and which entry of the queue has them."""

    list_display = ("workflow_type", "integration", "workspace", "status", "attempts", "created_at")
    list_select_related = ("integration", "workspace")
    list_filter = (
        "status",
        "workflow_type",
        "error_type",
        ("workspace", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("integration__label", "workspace__slug")
    ordering = ("-created_at", "id")
    fields = (
        "id",
        "integration",
        "workspace",
        "workflow_type",
        "trigger",
        "status",
        "error_type",
        "attempts",
        "task_id",
        "lease_until",
        "created_by",
        "created_at",
        "updated_at",
    )
