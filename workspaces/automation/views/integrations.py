"""The pages of integrations: the list, one integration, a new one, what it grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workspaces.actor import Permission
from workspaces.automation import queries
from workspaces.automation.actions import integrations, users
from workspaces.automation.connectors import connectors
from workspaces.automation.forms import ConnectForm, EntitlementForm, SearchForm, UpdateForm
from workspaces.automation.models import IntegrationUser
from workspaces.web import permitted

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.automation.queries import SharedIntegration
    from workspaces.web import PageRequest

PAGE_SIZE = 25
JOBS_SHOWN = 5


@permitted(Permission.READ_INTEGRATIONS)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The integrations that the actor shares, by their labels."""
    form = SearchForm(request.GET)
    wanted = form.cleaned_data["q"] if form.is_valid() else ""
    found = queries.integrations_with_users(actor).filter(label__icontains=wanted)
    page = Paginator(found.order_by("label", "id"), PAGE_SIZE).get_page(request.GET.get("page"))
    fragment = "automation/integrations/list/_integrations.html"
    return render(
        request,
        fragment if request.htmx else "automation/integrations/list/page.html",
        {
            "page": page,
            "wanted": wanted,
            "has_integrations": bool(wanted or page.paginator.count),
            "may_connect": actor.may(Permission.CONNECT_INTEGRATIONS),
        },
    )


@permitted(Permission.CONNECT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PageRequest, actor: Actor) -> HttpResponse:
    """Connect an application, which only the actor sees at first."""
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            integration = integrations.connect_integration(actor, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"“{integration.label}” is connected.")
            return redirect(page_url(actor, integration.id))
    return form_page(request, "automation/integrations/form/page.html", {"form": form})


@permitted(Permission.READ_INTEGRATIONS)
@require_safe
def detail(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """One integration: its users, what it grants, its latest jobs."""
    return _page(request, actor, find(actor, pk))


@permitted(Permission.READ_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Its label, its address and token, whether it is enabled."""
    integration = owned(actor, pk)
    form = UpdateForm(request.POST or None, instance=integration)
    if request.method == "POST" and form.is_valid():
        kept = {name: getattr(integration, name) for name in ("base_url", "removal")}
        try:
            changed = integrations.update_integration(
                actor, integration, **{**kept, **form.cleaned_data}
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"“{changed.label}” is changed.")
            return redirect(page_url(actor, pk))
    context = {"form": form, "integration": find(actor, pk)}
    return form_page(request, "automation/integrations/form/page.html", context)


@permitted(Permission.READ_INTEGRATIONS)
@require_POST
def check(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Have its users and entitlements read from the application."""
    try:
        users.check_for_updates(actor, owned(actor, pk))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, "A job now checks for updates.")
    return redirect(page_url(actor, pk))


@permitted(Permission.READ_INTEGRATIONS)
@require_POST
def add_entitlement(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Something more that can be granted."""
    integration = owned(actor, pk)
    form = EntitlementForm(request.POST)
    if form.is_valid():
        try:
            added = integrations.add_entitlement(actor, integration, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, f"“{added.label}” can be granted now.")
            return redirect(page_url(actor, pk))
    return _page(request, actor, integration, status=422, entitlement_form=form)


@permitted(Permission.READ_INTEGRATIONS)
@require_POST
def remove_entitlement(
    request: PageRequest, actor: Actor, pk: UUID, entitlement_id: int
) -> HttpResponse:
    """Something that is granted no more."""
    integration = owned(actor, pk)
    entitlement = get_object_or_404(integration.entitlements, pk=entitlement_id)
    try:
        integrations.remove_entitlement(actor, integration, entitlement)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"“{entitlement.label}” is granted no more.")
    return redirect(page_url(actor, pk))


def find(actor: Actor, pk: UUID) -> SharedIntegration:
    return get_object_or_404(queries.integrations_for(actor).select_related("created_by"), pk=pk)


def owned(actor: Actor, pk: UUID) -> SharedIntegration:
    integration = find(actor, pk)
    if integration.role != IntegrationUser.Role.OWNER:
        raise PermissionDenied
    return integration


def page_url(actor: Actor, pk: UUID) -> str:
    return reverse("integrations:detail", args=[actor.workspace_slug, pk])


def form_page(request: PageRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)


def _page(
    request: PageRequest,
    actor: Actor,
    integration: SharedIntegration,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    people = Paginator(queries.users_of(integration), PAGE_SIZE)
    context: dict[str, Any] = {
        "integration": integration,
        "connector": connectors()[integration.connector],
        "page": people.get_page(request.GET.get("page")),
        "entitlements": integration.entitlements.order_by("group", "label", "code"),
        "may_change": integration.role == IntegrationUser.Role.OWNER,
        "entitlement_form": EntitlementForm(),
    }
    if actor.may(Permission.READ_JOBS):
        jobs = queries.jobs_for(actor).filter(integration=integration)
        context["jobs"] = jobs.order_by("-created_at", "-id")[:JOBS_SHOWN]
    return render(
        request, "automation/integrations/detail/page.html", {**context, **more}, status=status
    )
