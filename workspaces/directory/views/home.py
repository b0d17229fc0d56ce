"""Where people arrive, who they are, and the settings of their workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from workspaces.actor import Permission
from workspaces.directory import actions, queries
from workspaces.directory.forms import GeneralForm, ProfileForm
from workspaces.directory.models import User, Workspace
from workspaces.directory.roles import require
from workspaces.web import permitted

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse

    from workspaces.actor import Actor
    from workspaces.web import PageRequest

LAST_WORKSPACE = "last_workspace"  # in the session
# Where a workspace opens: the first page that the person may see.
HOME_PAGES = {
    Permission.READ_ITEMS: "secrets:list",
    Permission.READ_SETTINGS: "settings:general",
}


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the workspace that was entered last, or the first one."""
    user = cast("User", request.user)
    slugs = [member.workspace.slug for member in queries.live_memberships(user)]
    if not slugs:
        return render(request, "directory/home/nowhere.html")
    last = request.session.get(LAST_WORKSPACE)
    return redirect("directory:workspace", last if last in slugs else slugs[0])


@permitted(None)
@require_safe
def workspace(request: PageRequest, actor: Actor) -> HttpResponse:
    """To the first page of the workspace that the person may see; "/" leads here from now on."""
    request.session[LAST_WORKSPACE] = actor.workspace_slug
    for permission, page in HOME_PAGES.items():
        if actor.may(permission):
            return redirect(page, actor.workspace_slug)
    return render(request, "directory/home/page.html")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """A person's own name and time zone."""
    user = cast("User", request.user)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        actions.update_profile(user, queries.origin_of(request), **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("directory:profile")
    return _form_page(request, "directory/profile/page.html", form)


@permitted(Permission.READ_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def general(request: PageRequest, actor: Actor) -> HttpResponse:
    """The tab General of *Workspace configuration*; Admins read it only."""
    settings = Workspace.objects.get(pk=actor.workspace_id)
    form = GeneralForm(request.POST or None, instance=settings)
    if request.method == "POST":
        require(actor, Permission.CHANGE_SETTINGS)
        if form.is_valid():
            actions.update_workspace(actor, **form.cleaned_data)
            messages.success(request, "The settings are saved.")
            return redirect("settings:general", actor.workspace_slug)
    return _form_page(request, "directory/general/page.html", form)


def _form_page(request: HttpRequest, template: str, form: BaseForm) -> HttpResponse:
    return render(request, template, {"form": form}, status=422 if form.errors else 200)
