"""The pages of secrets: the list, one secret, a new one, and who shares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workspaces.actor import Permission
from workspaces.directory.sign_in import proved_identity_recently
from workspaces.vaults import actions, queries
from workspaces.vaults.forms import BodyForm, SearchForm, SecretForm, ShareForm
from workspaces.vaults.models import Role
from workspaces.web import permitted

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
    found = queries.secrets_for(actor).select_related("vault")
    page = Paginator(
        found.filter(title__icontains=wanted).order_by("-updated_at", "id"), PAGE_SIZE
    ).get_page(request.GET.get("page"))
    return render(
        request,
        "vaults/secrets/list/_secrets.html" if request.htmx else "vaults/secrets/list/page.html",
        {
            "page": page,
            "wanted": wanted,
            "has_secrets": bool(wanted or page.paginator.count),
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
def share(request: PageRequest, actor: Actor, secret_id: UUID) -> HttpResponse:
    """Share the secret with someone, or change their role."""
    secret = _owned(actor, secret_id)
    form = ShareForm(actor, request.POST)
    if form.is_valid():
        try:
            actions.share(actor, secret, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, f"“{secret.title}” is shared.")
            return redirect(_url(actor, secret.id))
    response = _page(request, actor, secret, share_form=form)
    response.status_code = 422
    return response


@permitted(Permission.CREATE_ITEMS)
@require_POST
def unshare(request: PageRequest, actor: Actor, secret_id: UUID, share_id: int) -> HttpResponse:
    """Stop sharing the secret with someone."""
    secret = _owned(actor, secret_id)
    try:
        actions.unshare(actor, get_object_or_404(secret.shares, pk=share_id))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"“{secret.title}” is shared with one less.")
    seen = queries.secrets_for(actor).filter(pk=secret.pk).exists()
    return redirect(
        _url(actor, secret.id) if seen else reverse("secrets:list", args=[actor.workspace_slug])
    )


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
    shares = secret.shares.select_related("member__user", "team")
    context: dict[str, Any] = {
        "secret": secret,
        "shares": shares.order_by("-role", "team__name", "member__user__first_name", "id"),
        "versions": secret.versions.select_related("created_by").order_by("-number")[
            :VERSIONS_SHOWN
        ],
        "may_change": secret.role == Role.OWNER and actor.may(Permission.CREATE_ITEMS),
    }
    if context["may_change"]:
        context["share_form"] = ShareForm(actor)
    return render(request, "vaults/secrets/detail/page.html", {**context, **more})


def _form_page(request: PageRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)


def _url(actor: Actor, secret_id: UUID) -> str:
    return reverse("secrets:detail", args=[actor.workspace_slug, secret_id])
