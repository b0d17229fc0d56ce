"""Who shares a secret, an account or a collection: one dialog for all three."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from workspaces.actor import Permission
from workspaces.vaults import actions, queries
from workspaces.vaults.forms import ShareForm
from workspaces.vaults.models import Account, Collection, Secret
from workspaces.web import permitted

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.web import PageRequest

    View = Callable[..., Any]


class Kind(NamedTuple):
    """The namespace of a kind's addresses, what its roles mean, and where else they come from."""

    namespace: str
    about_roles: str
    above: str


KINDS: dict[type[Any], Kind] = {
    Secret: Kind(
        "secrets",
        "Owners change and share it, Collaborators read it.",
        "a collection that it is in",
    ),
    Account: Kind(
        "accounts",
        "Owners change and share it and read its password, Collaborators see the rest.",
        "a collection that it is in",
    ),
    Collection: Kind(
        "collections",
        "Owners change it and own all that is in it or below it; Collaborators see what is there.",
        "a collection above it",
    ),
}
UNPROCESSABLE = 422


def share(model: type[Any]) -> View:
    """The dialog of one kind of thing, and what it sends."""

    @permitted(Permission.CREATE_ITEMS)
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
        """Share it with someone, or change their role."""
        thing = _owned(actor, model, pk)
        form = ShareForm(actor, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                actions.share(actor, thing, **form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal.messages)
            else:
                messages.success(request, f"“{thing}” is shared.")
                return to_page(request, actor, thing)
        context = {**context_of(actor, thing, may_change=True), "form": form}
        template = "vaults/shares/_dialog.html" if request.htmx else "vaults/shares/page.html"
        # htmx shows an answer of this status as the dialog's next state.
        return render(request, template, context, status=UNPROCESSABLE if form.errors else 200)

    return view


def unshare(model: type[Any]) -> View:
    """What takes someone off one kind of thing."""

    @permitted(Permission.CREATE_ITEMS)
    @require_POST
    def view(request: PageRequest, actor: Actor, pk: UUID, share_id: int) -> HttpResponse:
        """Stop sharing it with someone."""
        thing = _owned(actor, model, pk)
        try:
            actions.unshare(actor, get_object_or_404(thing.shares, pk=share_id))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, f"“{thing}” is shared with one less.")
        if _visible(actor, model).filter(pk=pk).exists():
            return to_page(request, actor, thing)
        return redirect(f"{KINDS[model].namespace}:list", actor.workspace_slug)

    return view


def context_of(actor: Actor, thing: Any, *, may_change: bool) -> dict[str, Any]:
    """What the templates under vaults/shares/ want to know of a thing."""
    namespace, about_roles, above = KINDS[type(thing)]
    shares = thing.shares.select_related("member__user", "team")
    return {
        "thing": thing,
        "page_url": page_url(actor, thing),
        "share_url": f"{namespace}:share",
        "unshare_url": f"{namespace}:unshare",
        "about_roles": about_roles,
        "above": above,
        "shares": shares.order_by("-role", "team__name", "member__user__first_name", "id"),
        "may_change": may_change,
    }


def page_url(actor: Actor, thing: Any) -> str:
    """The address of the thing's own page."""
    return reverse(f"{KINDS[type(thing)].namespace}:detail", args=[actor.workspace_slug, thing.pk])


def to_page(request: PageRequest, actor: Actor, thing: Any) -> HttpResponse:
    """On to the thing's page; from a dialog, too, whose form htmx has sent."""
    url = page_url(actor, thing)
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _visible(actor: Actor, model: type[Any]) -> Any:
    return queries.collections_for(actor) if model is Collection else queries.shared(actor, model)


def _owned(actor: Actor, model: type[Any], pk: UUID) -> Any:
    """The thing, for its Owners; for others who see it, a refusal. Raises Http404."""
    thing = get_object_or_404(_visible(actor, model), pk=pk)
    if not queries.owned(actor, model).filter(pk=pk).exists():
        raise PermissionDenied
    return thing
