"""The pages of an integration's users: inviting some, changing or removing one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workspaces.actor import Permission
from workspaces.automation import queries
from workspaces.automation.actions import integrations, users
from workspaces.automation.forms import GrantForm, InviteForm, RoleForm
from workspaces.web import permitted

from .integrations import form_page, owned, page_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.automation.models import IntegrationUser
    from workspaces.automation.queries import SharedIntegration
    from workspaces.web import PageRequest


@permitted(Permission.READ_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Members of the workspace who are to have an account in the application."""
    integration = owned(actor, pk)
    form = InviteForm(actor, integration, request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            users.invite_users(
                actor,
                integration,
                role=asked["role"],
                entitlements=asked["entitlements"],
                user_ids=[UUID(user_id) for user_id in asked["user_ids"]],
            )
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, "They are invited: a job now makes their accounts.")
            return redirect(page_url(actor, pk))
    context = {"form": form, "integration": integration}
    return form_page(request, "automation/integrations/invite/page.html", context)


@permitted(Permission.READ_INTEGRATIONS)
@require_safe
def detail(request: PageRequest, actor: Actor, pk: UUID, user_id: UUID) -> HttpResponse:
    """One user: their role here, and what they are granted there."""
    integration = owned(actor, pk)
    row = _find(integration, user_id)
    granted = [entitlement.code for entitlement in row.entitlements.all()]
    context = {
        "integration": integration,
        "row": row,
        "grant_form": GrantForm(integration, initial={"entitlements": granted}),
        "role_form": RoleForm(initial={"role": row.role}),
    }
    return render(request, "automation/integrations/user/page.html", context)


@permitted(Permission.READ_INTEGRATIONS)
@require_POST
def grant(request: PageRequest, actor: Actor, pk: UUID, user_id: UUID) -> HttpResponse:
    """Have the user granted what is ticked, and nothing else."""
    integration = owned(actor, pk)
    row = _find(integration, user_id)
    form = GrantForm(integration, request.POST)
    if not form.is_valid():
        messages.error(request, "Tick some of what the integration grants.")
        return redirect(_user_url(actor, pk, user_id))
    wanted = form.cleaned_data["entitlements"]
    had = [entitlement.code for entitlement in row.entitlements.all()]

    def ask() -> None:
        if wanted:
            users.set_entitlements(actor, integration, user_id, wanted)
        else:
            users.change_entitlements(actor, integration, user_id, remove=had)

    return _asked(request, actor, pk, ask, "A job now changes what they are granted.")


@permitted(Permission.READ_INTEGRATIONS)
@require_POST
def change_role(request: PageRequest, actor: Actor, pk: UUID, user_id: UUID) -> HttpResponse:
    """Make the user an Owner or a Collaborator: that takes no job."""
    integration = owned(actor, pk)
    row = _find(integration, user_id)
    role = request.POST.get("role", "")
    name = row.member.user.get_full_name()
    return _asked(
        request,
        actor,
        pk,
        lambda: integrations.change_role(actor, integration, row, role),
        f"{name} has another role.",
    )


@permitted(Permission.READ_INTEGRATIONS)
@require_POST
def remove(request: PageRequest, actor: Actor, pk: UUID, user_id: UUID) -> HttpResponse:
    """Have the user's account taken away."""
    integration = owned(actor, pk)
    row = _find(integration, user_id)
    return _asked(
        request,
        actor,
        pk,
        lambda: users.remove_user(actor, integration, user_id),
        f"A job now takes {row.member.user.get_full_name()}'s account away.",
    )


def _find(integration: SharedIntegration, user_id: UUID) -> IntegrationUser:
    return get_object_or_404(queries.users_of(integration), member__user_id=user_id)


def _user_url(actor: Actor, pk: UUID, user_id: UUID) -> str:
    return reverse("integrations:user", args=[actor.workspace_slug, pk, user_id])


def _asked(
    request: PageRequest, actor: Actor, pk: UUID, ask: Callable[[], object], done: str
) -> HttpResponse:
    """Ask, and say how it went on the integration's page."""
    try:
        ask()
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, done)
    seen = queries.integrations_for(actor).filter(pk=pk).exists()
    return redirect(
        page_url(actor, pk) if seen else reverse("integrations:list", args=[actor.workspace_slug])
    )
