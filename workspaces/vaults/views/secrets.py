"""The pages of secrets: the list, one secret, a new one, and its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workspaces.actor import Permission
from workspaces.directory.sign_in import proved_identity_recently
from workspaces.vaults import actions, queries
from workspaces.vaults.forms import BodyForm, SearchForm, SecretForm
from workspaces.vaults.models import Role, Secret
from workspaces.web import permitted

from . import sharing

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.vaults.queries.visibility import SharedSecret
    from workspaces.web import PageRequest

PAGE_SIZE = 25
VERSIONS_SHOWN = 20


@permitted(Permission.READ_ITEMS)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The secrets that the actor shares, the one changed last first."""
    form = SearchForm(request.GET)
    wanted = form.cleaned_data["q"] if form.is_valid() else ""
    found, total = queries.listed(actor, Secret, Q(title__icontains=wanted))
    page = queries.page_of(
        found.select_related("vault").order_by("-updated_at", "id"),
        total,
        PAGE_SIZE,
        request.GET.get("page"),
    )
    return render(
        request,
        "vaults/secrets/list/_secrets.html" if request.htmx else "vaults/secrets/list/page.html",
        {
            "page": page,
            "wanted": wanted,
            "has_secrets": bool(wanted or total),
            "may_create": actor.may(Permission.CREATE_ITEMS),
        },
    )


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PageRequest, actor: Actor) -> HttpResponse:
    """A new secret, which only its creator sees at first."""
    form = SecretForm(actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            secret = actions.create_secret(actor, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"“{secret.title}” is kept. Only you can see it so far.")
            return redirect(_url(actor, secret.id))
    return _form_page(request, "vaults/secrets/create/page.html", {"form": form})


@permitted(Permission.READ_ITEMS)
@require_safe
def detail(request: PageRequest, actor: Actor, secret_id: UUID) -> HttpResponse:
    """One secret: everything but its body."""
    return _page(request, actor, _find(actor, secret_id))


@permitted(Permission.READ_ITEMS)
@require_POST
def body(request: PageRequest, actor: Actor, secret_id: UUID) -> HttpResponse:
    """The body, in this one answer, which no cache keeps."""
    secret = _find(actor, secret_id)
    if secret.requires_identity_challenge and not proved_identity_recently(request):
        return redirect_to_login(_url(actor, secret.id), reverse("account_reauthenticate"))
    shown = actions.read_body(actor, secret)
    if request.htmx:
        return render(
            request, "vaults/secrets/detail/_body.html", {"secret": secret, "body": shown}
        )
    return _page(request, actor, secret, body=shown)


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: PageRequest, actor: Actor, secret_id: UUID) -> HttpResponse:
    """A new body; the old one stays as a version."""
    secret = _owned(actor, secret_id)
    form = BodyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version = actions.update_secret(actor, secret, body=form.cleaned_data["body"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"“{secret.title}” is now at version {version.number}.")
            return redirect(_url(actor, secret.id))
    return _form_page(request, "vaults/secrets/update/page.html", {"form": form, "secret": secret})


@permitted(Permission.CREATE_ITEMS)
@require_POST
def restore(request: PageRequest, actor: Actor, secret_id: UUID, number: int) -> HttpResponse:
    """An earlier body, as a new version."""
    secret = _owned(actor, secret_id)
    get_object_or_404(secret.versions, number=number)
    version = actions.restore_version(actor, secret, number)
    said = f"“{secret.title}” is at version {version.number}, as version {number} was."
    messages.success(request, said)
    return redirect(_url(actor, secret.id))


@permitted(Permission.CREATE_ITEMS)
@require_POST
def switch(request: PageRequest, actor: Actor, secret_id: UUID) -> HttpResponse:
    """Disable the secret, or enable it again."""
    secret: Secret = _owned(actor, secret_id)
    try:
        secret = actions.set_secret_status(actor, secret, request.POST.get("status", ""))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"“{secret.title}” is {secret.status}.")
    return redirect(_url(actor, secret.id))


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: PageRequest, actor: Actor, secret_id: UUID) -> HttpResponse:
    """Erase the secret, once the question is answered."""
    secret = _owned(actor, secret_id)
    if request.method == "POST":
        actions.delete_secret(actor, secret)
        messages.success(request, f"“{secret.title}” is deleted.")
        return redirect("secrets:list", actor.workspace_slug)
    template = "_dialog.html" if request.htmx else "page.html"
    return render(request, f"vaults/secrets/delete/{template}", {"secret": secret})


def _find(actor: Actor, secret_id: UUID) -> SharedSecret:
    found = queries.secrets_for(actor).select_related(
        "vault", "current_version", "created_by", "updated_by"
    )
    return get_object_or_404(found, pk=secret_id)


def _owned(actor: Actor, secret_id: UUID) -> SharedSecret:
    secret = _find(actor, secret_id)
    if secret.role != Role.OWNER:
        raise PermissionDenied
    return secret


def _page(request: PageRequest, actor: Actor, secret: SharedSecret, **more: Any) -> HttpResponse:
    versions = secret.versions.select_related("created_by").order_by("-number")
    may_change = secret.role == Role.OWNER and actor.may(Permission.CREATE_ITEMS)
    context = {
        "secret": secret,
        "versions": versions.defer("sealed_body")[:VERSIONS_SHOWN],
        **sharing.context_of(actor, secret, may_change=may_change),
        **more,
    }
    return render(request, "vaults/secrets/detail/page.html", context)


def _form_page(request: PageRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)


def _url(actor: Actor, secret_id: UUID) -> str:
    return reverse("secrets:detail", args=[actor.workspace_slug, secret_id])
