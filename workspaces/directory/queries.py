"""What an actor may see of users, members and teams; and who an actor is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from workspaces.actor import Actor, ActorType, Origin, Permission

from .models import Member, Team, TeamMember, User, Workspace
from .roles import Role, permissions_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest


def origin_of(request: HttpRequest) -> Origin:
    """Where `request` comes from, as activities and logs tell it."""
    meta = request.META
    found = meta.get("REMOTE_ADDR"), meta.get("HTTP_USER_AGENT", ""), getattr(request, "id", "")
    return tuple.__new__(Origin, found)  # as `Origin(…)` does, for half of what that takes


def live_memberships(user: User) -> QuerySet[Member]:
    """The user's memberships that let them in, by the workspaces' names."""
    return (
        Member.objects.filter(user=user, status=Member.Status.LIVE)
        .select_related("workspace", "user")
        .order_by("workspace__name", "id")
    )


def other_workspaces(actor: Actor) -> QuerySet[Workspace]:
    """The workspaces that the person behind `actor` may switch to."""
    if actor.user_id is None:
        return Workspace.objects.none()
    mine = Member.objects.filter(user_id=actor.user_id, status=Member.Status.LIVE)
    return (
        Workspace.objects.filter(members__in=mine)
        .exclude(pk=actor.workspace_id)
        .only("slug", "name")
        .order_by("name", "id")
    )


def sharers(actor: Actor) -> tuple[QuerySet[Member], QuerySet[Team]]:
    """With whom something can be shared: the members who may then see it, and the teams."""
    seeing = [role for role in Role if Permission.READ_ITEMS in permissions_of(role)]
    members = Member.objects.filter(
        workspace_id=actor.workspace_id, status=Member.Status.LIVE, role__in=seeing
    )
    return (
        members.select_related("user").order_by("user__first_name", "user__last_name", "id"),
        Team.objects.filter(workspace_id=actor.workspace_id).order_by("name"),
    )


def actor_of(user: User, slug: str, origin: Origin) -> Actor | None:
    """The user as a live member of the workspace, or None where they are not one."""
    member = live_memberships(user).filter(workspace__slug=slug).first()
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


def operator_actor(user: User, workspace: Workspace, origin: Origin) -> Actor:
    """An operator, who may stop any key of a workspace without being a member of it."""
    return Actor(
        workspace_id=workspace.id,
        workspace_slug=workspace.slug,
        workspace_name=workspace.name,
        type=ActorType.USER,
        user_id=user.id,
        name=user.get_full_name(),
        email=user.email,
        permissions=frozenset({Permission.STOP_ANY_KEY}),
        origin=origin,
    )


# --- What the API lists ----------------------------------------------------------------------


def members_for(  # noqa: PLR0913  (what narrows the list, each by name)
    actor: Actor,
    *,
    text: str = "",
    roles: Collection[str] = (),
    statuses: Collection[str] = (),
    is_guest: bool | None = None,
    with_mfa: bool = False,
) -> QuerySet[Member]:
    """The members of the actor's workspace with their users, in the order in which they came.

    Each word of `text` is in the name or the e-mail address. `with_mfa` adds `mfa_since`.
    """
    found = Member.objects.filter(workspace_id=actor.workspace_id).select_related("user")
    for word in text.split():
        found = found.filter(
            Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
            | Q(user__email__icontains=word)
        )
    if roles:
        found = found.filter(role__in=roles)
    if statuses:
        found = found.filter(_shown_as(statuses))
    if is_guest is not None:
        guests = Q(role=Role.GUEST)
        found = found.filter(guests if is_guest else ~guests)
    if with_mfa:
        found = found.annotate(mfa_since=_MFA_SINCE)
    return found.order_by("created_at", "id")


def teams_for(actor: Actor) -> QuerySet[Team]:
    """The teams of the actor's workspace, in the order in which they were made."""
    return Team.objects.filter(workspace_id=actor.workspace_id).order_by("created_at", "id")


def team_entries(team: Team) -> QuerySet[TeamMember]:
    """Who is in the team, its admins first, by name."""
    return team.team_members.select_related("member__user").order_by(
        "-is_admin", "member__user__first_name", "member__user__last_name", "id"
    )


def leads(actor: Actor, team: Team) -> bool:
    """Whether the actor may say who is in the team: as one of its admins, or by their role."""
    if actor.may(Permission.MANAGE_MEMBERS):
        return team.workspace_id == actor.workspace_id
    return (
        actor.member_id is not None
        and team.team_members.filter(member_id=actor.member_id, is_admin=True).exists()
    )


def _shown_as(statuses: Collection[str]) -> Q:
    """Members with one of `statuses`; whoever may not sign in at all counts as disabled."""
    shown = Q(status__in=statuses, user__is_active=True)
    if Member.Status.DISABLED in statuses:
        shown |= Q(user__is_active=False)
    return shown


# Recovery codes alone are no second factor.
_MFA_SINCE = Subquery(
    Authenticator.objects.filter(
        user_id=OuterRef("user_id"),
        type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN],
    )
    .order_by()
    .values("user_id")
    .annotate(since=Min("created_at"))
    .values("since")
)
