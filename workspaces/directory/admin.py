from __future__ import annotations

from django.contrib import admin

from workspaces.operators import ReadOnlyAdmin

from .models import Member, Team, User, Workspace


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    fields = (
        "id",
        "email",
        "first_name",
        "last_name",
        "time_zone",
        "is_active",
        "is_staff",
        "last_login",
        "created_at",
        "updated_at",
    )


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "owner_email", "created_at", "id")
    list_select_related = ("owner__user",)
    search_fields = ("name", "slug", "=id")
    search_help_text = "A name, a slug or an id"
    ordering = ("name",)
    fields = (
        "id",
        "name",
        "slug",
        "owner",
        "max_key_lifetime_days",
        "requests_per_minute",
        "created_at",
        "updated_at",
    )

    @admin.display(description="owner", ordering="owner__user__email")
    def owner_email(self, workspace: Workspace) -> str:
        return workspace.owner.user.email


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("user", "workspace", "role", "status", "created_at")
    list_select_related = ("user", "workspace")
    list_filter = ("role", "status", ("workspace", admin.RelatedOnlyFieldListFilter))
    search_fields = ("user__email", "user__first_name", "user__last_name", "workspace__slug")
    ordering = ("workspace__slug", "user__email")
    fields = ("id", "user", "workspace", "role", "status", "created_at", "updated_at")


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("name", "workspace", "type", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("type", ("workspace", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "workspace__slug")
    ordering = ("workspace__slug", "name")
    fields = ("id", "name", "workspace", "type", "created_at", "updated_at")
