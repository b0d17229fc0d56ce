from __future__ import annotations

from django.contrib import admin

from workspaces.operators import ReadOnlyAdmin

from .models import Account, Collection, Secret, Vault


@admin.register(Vault)
class VaultAdmin(ReadOnlyAdmin):
    list_display = ("name", "workspace", "status", "is_default", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("status", ("workspace", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "workspace__slug")
    ordering = ("workspace__slug", "name")
    fields = ("id", "name", "workspace", "status", "is_default", "created_at", "updated_at")


@admin.register(Secret)
class SecretAdmin(ReadOnlyAdmin):
    """What is known about secrets; their bodies are read by those who share them alone."""

    list_display = ("title", "workspace", "vault", "category", "status", "created_by", "created_at")
    list_select_related = ("workspace", "vault", "created_by")
    list_filter = ("category", "status", ("workspace", admin.RelatedOnlyFieldListFilter))
    search_fields = ("title", "created_by__email", "workspace__slug")
    ordering = ("-created_at", "id")
    fields = (
        "id",
        "title",
        "workspace",
        "vault",
        "category",
        "status",
        "expires_at",
        "requires_identity_challenge",
        "created_by",
        "created_at",
        "updated_by",
        "updated_at",
    )


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """What is known about accounts; their passwords are read by their Owners alone."""

    list_display = ("label", "application", "workspace", "status", "created_by", "created_at")
    list_select_related = ("workspace", "created_by")
    list_filter = ("status", ("workspace", admin.RelatedOnlyFieldListFilter))
    search_fields = ("label", "application", "workspace__slug")
    ordering = ("-created_at", "id")
    fields = (
        "id",
        "label",
        "application",
        "workspace",
        "url",
        "status",
        "mfa_enabled",
        "password_changed_at",
        "created_by",
        "created_at",
        "updated_by",
        "updated_at",
    )


@admin.register(Collection)
class CollectionAdmin(ReadOnlyAdmin):
    list_display = ("name", "parent", "workspace", "status", "created_by", "created_at")
    list_select_related = ("workspace", "parent", "created_by")
    list_filter = ("status", ("workspace", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "workspace__slug")
    ordering = ("-created_at", "id")
    fields = (
        "id",
        "name",
        "parent",
        "workspace",
        "status",
        "created_by",
        "created_at",
        "updated_by",
        "updated_at",
    )
