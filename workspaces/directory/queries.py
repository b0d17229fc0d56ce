"""What an actor may see of users, members and teams; and who an actor is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspaces.actor import Actor, ActorType, Origin, Permission

from .models import Member, User, Workspace
from .roles import permissions_of

if TYPE_CHECKING:
    from django.http import HttpRequest


def origin_of(request: HttpRequest) -> Origin:
    """Where `request` comes from, as activities and logs tell it."""
    return Origin(
        ip=request.META.get("REMOTE_ADDR") or None,
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:512],
        request_id=getattr(request, "id", ""),
    )


def actor_of(user: User, slug: str, origin: Origin) -> Actor | None:
    """The user as a live member of the workspace, or None where they are not one."""
    member = (
        Member.objects.select_related("workspace", "user")
        .filter(user=user, workspace__slug=slug, status=Member.Status.LIVE)
        .first()
    )
    return actor_for(member, origin) if member else None


def actor_for(member: Member, origin: Origin | None = None) -> Actor:
    """The member as an actor (its `workspace` and `user` are read)."""
    return Actor(
        workspace_id=member.workspace_id,
        workspace_slug=member.workspace.slug,
        workspace_name=member.workspace.name,
        type=ActorType.USER,
        user_id=member.user_id,
        member_id=member.id,
        name=member.user.get_full_name(),
        email=member.user.email,
        role=member.role,
        permissions=permissions_of(member.role),
        origin=origin or Origin(),
    )


def system_actor(workspace: Workspace) -> Actor:
    """The system itself, acting on `workspace` from a command."""
    return Actor(
        workspace_id=workspace.id,
        workspace_slug=workspace.slug,
        workspace_name=workspace.name,
        type=ActorType.SYSTEM,
        name="cerbykeys",
        permissions=frozenset(Permission),
    )
