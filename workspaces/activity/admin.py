from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from workspaces.operators import ModelAdmin, ReadOnlyAdmin

from .events import Event
from .models import Activity

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class EventFilter(admin.SimpleListFilter):
    title = "event"
    parameter_name = "event"

    def lookups(self, _request: HttpRequest, _admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(event.value, event.value) for event in Event]

    def queryset(self, _request: HttpRequest, found: QuerySet[Activity]) -> QuerySet[Activity]:
        return found.filter(event=self.value()) if self.value() else found


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = (
        "timestamp",
        "event",
        "actor_email",
        "actor_type",
        "target_type",
        "target_name",
    )
    list_filter = (EventFilter, "actor_type", "timestamp")
    search_fields = ("actor_email", "actor_name", "target_name", "=target_id", "=request_id")
    search_help_text = "Someone's e-mail or name, the name or id of a target, or a request's id"
    ordering = ("-timestamp", "-sequence")
    fields = (
        "workspace_id",
        "sequence",
        "timestamp",
        "event",
        "actor_type",
        "actor_id",
        "actor_email",
        "actor_name",
        "target_type",
        "target_id",
        "target_name",
        "details",
        "ip",
        "user_agent",
        "request_id",
    )
