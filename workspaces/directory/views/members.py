"""The pages of members: the list, one member, a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workspaces.actor import Permission
from workspaces.directory import actions, queries
from workspaces.directory.forms import InviteForm, MembersForm, RoleForm
from workspaces.directory.models import Member
from workspaces.directory.roles import Role, require
from workspaces.web import permitted

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.web import PageRequest

PAGE_SIZE = 25
SAID = {
    Member.Status.LIVE: "{} is let in again.",
    Member.Status.DISABLED: "{} is disabled: their sessions and API keys open nothing here.",
}


@permitted(Permission.READ_DIRECTORY)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The members of the workspace, in the order in which they came."""
    form = MembersForm(request.GET)
    found = queries.members_for(actor, **form.wanted())
    context = {
        "form": form,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_manage": actor.may(Permission.MANAGE_MEMBERS),
    }
    fragment = "_members" if request.htmx else "page"
    return render(request, f"directory/members/list/{fragment}.html", context)


@permitted(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: PageRequest, actor: Actor) -> HttpResponse:
    """Someone new."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = actions.invite(actor, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"{member.user.get_full_name()} is a member now.")
            return redirect("members:detail", actor.workspace_slug, member.id)
    status = 422 if form.errors else 200
    return render(request, "directory/members/invite/page.html", {"form": form}, status=status)


@permitted(Permission.READ_DIRECTORY)
@require_safe
def detail(request: PageRequest, actor: Actor, member_id: UUID) -> HttpResponse:
    """One member: their role, their state, their teams."""
    member = _find(actor, member_id)
    teams = member.team_memberships.select_related("team").order_by("team__name", "id")
    context = {
        "member": member,
        "teams": teams,
        "role_form": RoleForm(initial={"role": member.role}),
        "may_change": actor.may(Permission.MANAGE_MEMBERS) and member.role != Role.OWNER,
    }
    return render(request, "directory/members/detail/page.html", context)


@permitted(Permission.MANAGE_MEMBERS)
@require_POST
def change_role(request: PageRequest, actor: Actor, member_id: UUID) -> HttpResponse:
    """Give the member another role."""
    member = _find(actor, member_id)
    try:
        actions.change_role(actor, member, request.POST.get("role", ""))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        member.refresh_from_db(fields=["role"])
        said = f"{member.user.get_full_name()} is now {member.get_role_display()}."
        messages.success(request, said)
    return _back(actor, member)


@permitted(Permission.MANAGE_MEMBERS)
@require_POST
def change_status(request: PageRequest, actor: Actor, member_id: UUID) -> HttpResponse:
    """Disable the member, or let them in again."""
    member = _find(actor, member_id)
    status = request.POST.get("status")
    if status not in SAID:
        raise Http404
    try:
        actions.set_member_status(actor, member, status)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, SAID[Member.Status(status)].format(member.user.get_full_name()))
    return _back(actor, member)


@permitted(Permission.READ_DIRECTORY)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: PageRequest, actor: Actor, member_id: UUID) -> HttpResponse:
    """*Remove from the workspace?*, and the removal."""
    require(actor, Permission.MANAGE_MEMBERS)
    member = _find(actor, member_id)
    if request.method != "POST":
        return render(request, "directory/members/remove/page.html", {"member": member})
    try:
        actions.remove_member(actor, member)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return _back(actor, member)
    messages.success(request, f"{member.user.get_full_name()} is no longer a member.")
    if member.user_id == actor.user_id:
        return redirect("directory:home")
    return redirect("members:list", actor.workspace_slug)


def _find(actor: Actor, member_id: UUID) -> Member:
    return get_object_or_404(queries.members_for(actor, with_mfa=True), pk=member_id)


def _back(actor: Actor, member: Member) -> HttpResponse:
    """To the member's page; who has just shut themselves out goes where they may still be."""
    if member.id == actor.member_id:
        return redirect("directory:home")
    return redirect("members:detail", actor.workspace_slug, member.id)
