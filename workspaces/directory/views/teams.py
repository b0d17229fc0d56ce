"""The pages of teams: the list, one team with who is in it, a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workspaces.actor import Permission
from workspaces.directory import actions, queries
from workspaces.directory.forms import TeamForm, TeamMemberForm
from workspaces.web import permitted

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.directory.models import Team
    from workspaces.web import PageRequest

PAGE_SIZE = 25


@permitted(Permission.READ_DIRECTORY)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The teams of the workspace, with how many are in each."""
    found = queries.teams_for(actor).annotate(size=Count("team_members"))
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_manage": actor.may(Permission.MANAGE_MEMBERS),
    }
    return render(request, "directory/teams/list/page.html", context)


@permitted(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PageRequest, actor: Actor) -> HttpResponse:
    """A new team, empty at first."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = actions.create_team(actor, form.cleaned_data["name"])
        except ValidationError as refusal:
            form.add_error("name", refusal.messages)
        else:
            messages.success(request, f"“{team.name}” is made. Now say who is in it.")
            return redirect("teams:detail", actor.workspace_slug, team.id)
    status = 422 if form.errors else 200
    return render(request, "directory/teams/create/page.html", {"form": form}, status=status)


@permitted(Permission.READ_DIRECTORY)
@require_safe
def detail(request: PageRequest, actor: Actor, team_id: UUID) -> HttpResponse:
    """One team and who is in it."""
    return _page(request, actor, _find(actor, team_id))


@permitted(Permission.READ_DIRECTORY)
@require_POST
def rename(request: PageRequest, actor: Actor, team_id: UUID) -> HttpResponse:
    """Give the team another name."""
    team = _find(actor, team_id)
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            renamed = actions.rename_team(actor, team, form.cleaned_data["name"])
        except ValidationError as refusal:
            form.add_error("name", refusal.messages)
        else:
            messages.success(request, f"The team is called “{renamed.name}”.")
            return redirect("teams:detail", actor.workspace_slug, team.id)
    return _page(request, actor, team, name_form=form, status=422)


@permitted(Permission.READ_DIRECTORY)
@require_POST
def add(request: PageRequest, actor: Actor, team_id: UUID) -> HttpResponse:
    """Put someone into the team."""
    team = _find(actor, team_id)
    form = TeamMemberForm(actor, team, request.POST)
    if form.is_valid():
        try:
            entry = actions.add_to_team(
                actor, team, form.cleaned_data["member"], is_admin=form.cleaned_data["is_admin"]
            )
        except ValidationError:  # someone was faster: perhaps the same person, by a second click
            form.add_error("member", "This person is in the team already.")
        else:
            messages.success(request, f"{entry.member.user.get_full_name()} is in “{team.name}”.")
            return redirect("teams:detail", actor.workspace_slug, team.id)
    return _page(request, actor, team, member_form=form, status=422)


@permitted(Permission.READ_DIRECTORY)
@require_POST
def remove(request: PageRequest, actor: Actor, team_id: UUID, member_id: UUID) -> HttpResponse:
    """Take someone out of the team."""
    team = _find(actor, team_id)
    member = get_object_or_404(queries.members_for(actor), pk=member_id)
    actions.remove_from_team(actor, team, member)
    messages.success(request, f"{member.user.get_full_name()} is not in “{team.name}” any more.")
    return redirect("teams:detail", actor.workspace_slug, team.id)


def _find(actor: Actor, team_id: UUID) -> Team:
    return get_object_or_404(queries.teams_for(actor), pk=team_id)


def _page(
    request: PageRequest, actor: Actor, team: Team, *, status: int = 200, **more: Any
) -> HttpResponse:
    entries = Paginator(queries.team_entries(team), PAGE_SIZE)
    context: dict[str, Any] = {"team": team, "page": entries.get_page(request.GET.get("page"))}
    context["may_change"] = queries.leads(actor, team)
    if context["may_change"]:
        context["name_form"] = TeamForm(initial={"name": team.name})
        context["member_form"] = TeamMemberForm(actor, team)
    return render(request, "directory/teams/detail/page.html", {**context, **more}, status=status)
