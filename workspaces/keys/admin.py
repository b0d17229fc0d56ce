"""API keys as operators see them; the two things they may do take a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.template.response import TemplateResponse

from workspaces.directory.models import User
from workspaces.directory.queries import operator_actor, origin_of
from workspaces.operators import ModelAdmin, ReadOnlyAdmin

from . import actions, queries
from .models import ApiKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from workspaces.actor import Actor

    Stop: TypeAlias = Callable[[Actor, ApiKey, str], ApiKey]

# Each is sent back by the page that asks for the reason, and Django reads a thousand fields.
MOST_AT_ONCE = 500


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text="Recorded with each key in its workspace's activity.",
    )


class StateFilter(admin.SimpleListFilter):
    """By what a key is at this moment: time alone makes an active key an expired one."""

    title = "status"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in ApiKey.Status]

    def queryset(self, _request: HttpRequest, keys: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        state = self.value()
        return queries.in_state(keys, state) if state in ApiKey.Status.values else keys


class OwnerFilter(admin.RelatedFieldListFilter):
    """By person, in whatever workspaces they own keys."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = "owner"

    def field_choices(self, *_: Any) -> list[tuple[str, Any]]:
        owners = User.objects.filter(memberships__api_keys__isnull=False).distinct()
        return [
            (str(id_), email) for id_, email in owners.order_by("email").values_list("id", "email")
        ]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "masked",
        "workspace",
        "owner_email",
        "status_now",
        "created_at",
        "last_used_at",
        "expires_at",
    )
    list_select_related = ("workspace", "owner__user", "usage")
    list_filter = (
        StateFilter,
        ("workspace", admin.RelatedOnlyFieldListFilter),
        ("owner__user", OwnerFilter),
    )
    search_fields = ("name", "key_id", "owner__user__email", "workspace__slug")
    search_help_text = "A key's name or id, its owner's e-mail, or a workspace's slug"
    ordering = ("-created_at", "id")
    fields = (
        "id",
        "name",
        "masked",
        "workspace",
        "owner",
        "created_by",
        "scopes",
        "status_now",
        "created_at",
        "last_used_at",
        "expires_at",
        "requests_per_minute",
        "removed_at",
    )
    actions = ("disable", "remove")

    @admin.display(description="owner", ordering="owner__user__email")
    def owner_email(self, key: ApiKey) -> str | None:
        return key.owner.user.email if key.owner else None

    @admin.display(description="status")
    def status_now(self, key: ApiKey) -> str:
        return str(key.state.label)

    @admin.display(description="last used", ordering="usage__last_used_at")
    def last_used_at(self, key: ApiKey) -> datetime | None:
        usage = getattr(key, "usage", None)  # there is none before the first use
        return usage.last_used_at if usage else None

    @admin.action(description="Disable the selected API keys …", permissions=["stop"])
    def disable(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        return self._stop(request, keys, "disable", actions.disable_key)

    @admin.action(description="Remove the selected API keys for ever …", permissions=["stop"])
    def remove(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        return self._stop(request, keys, "remove", actions.remove_key)

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("keys.change_apikey")

    def _stop(
        self, request: HttpRequest, keys: QuerySet[ApiKey], verb: str, stop: Stop
    ) -> HttpResponse | None:
        """Ask for the reason; given one, stop every key or none."""
        chosen = list(keys.order_by("workspace", "pk")[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            self.message_user(
                request, f"Select at most {MOST_AT_ONCE} API keys at a time.", messages.WARNING
            )
            return None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, chosen, verb, form)
        origin = origin_of(request)
        with transaction.atomic():
            for key in chosen:
                # Only operators come here, and operators are users.
                actor = operator_actor(request.user, key.workspace, origin)  # type: ignore[arg-type]
                stop(actor, key, form.cleaned_data["reason"])
        count = f"{len(chosen)} API key{'' if len(chosen) == 1 else 's'}"
        self.message_user(request, f"{count}: {verb}d.", messages.SUCCESS)
        return None

    def _ask(
        self, request: HttpRequest, keys: list[ApiKey], verb: str, form: ReasonForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb.capitalize()} API keys?",
            "opts": self.opts,
            "keys": keys,
            "verb": verb,
            "form": form,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/keys/apikey/stop.html", context)
