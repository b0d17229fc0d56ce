"""Every write to workspaces, members and teams."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from workspaces import lease
from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.actor import Permission

from .models import Member, Team, TeamMember, User, Workspace
from .queries import actor_for, leads, live_memberships
from .roles import Role, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workspaces.actor import Actor, Origin


def create_workspace(owner: User, slug: str, name: str) -> Workspace:
    """Create a workspace with `owner` as its Owner. Raises ValidationError.

    It has no vault yet: `workspaces.vaults.actions.open_workspace` makes a whole one.
    """
    owner_id = uuid.uuid4()
    workspace = Workspace(slug=slug.strip().lower(), name=name.strip(), owner_id=owner_id)
    with transaction.atomic():
        workspace.full_clean(exclude={"owner"})
        # Each row names the other; the foreign keys are checked at commit.
        workspace.save(force_insert=True)
        member = Member.objects.create(
            id=owner_id, workspace=workspace, user=owner, role=Role.OWNER
        )
        workspace.owner = member
        record(
            actor_for(member),
            Event.WORKSPACE_CREATED,
            target=_workspace(workspace),
            slug=workspace.slug,
        )
    return workspace


def update_workspace(
    actor: Actor, *, name: str, max_key_lifetime_days: int, requests_per_minute: int
) -> Workspace:
    """Change the settings of the actor's workspace. Raises PermissionDenied, ValidationError."""
    require(actor, Permission.CHANGE_SETTINGS)
    wanted = {
        "name": name.strip(),
        "max_key_lifetime_days": max_key_lifetime_days,
        "requests_per_minute": requests_per_minute,
    }
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update(no_key=True).get(pk=actor.workspace_id)
        if changes := _change(workspace, wanted):
            workspace.full_clean(exclude={"owner"})
            workspace.save(update_fields=[*wanted, "updated_at"])
            record(actor, Event.WORKSPACE_UPDATED, target=_workspace(workspace), changes=changes)
    return workspace


def transfer_ownership(actor: Actor, member: Member) -> None:
    """Make `member` the Owner of the workspace; who was becomes a Super Admin.

    Only the Owner may. Raises PermissionDenied, ValidationError.
    """
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update(no_key=True).get(pk=actor.workspace_id)
        if workspace.owner_id != actor.member_id:
            raise PermissionDenied
        member = _lock(actor, member)
        if member.status != Member.Status.LIVE:
            raise ValidationError("Only a live member can become the Owner.")
        if member.id == workspace.owner_id:
            return
        workspace.owner = member
        # A trigger moves the role with it, so that there is one Owner at any moment.
        workspace.save(update_fields=["owner", "updated_at"])
        record(
            actor, Event.WORKSPACE_OWNER_CHANGED, target=_user(member), previousOwner=actor.email
        )


def add_member(actor: Actor, user: User, role: str) -> Member:
    """Let `user` into the workspace. Raises PermissionDenied, ValidationError."""
    require(actor, Permission.MANAGE_MEMBERS)
    _require_assignable(role)
    member = Member(workspace_id=actor.workspace_id, user=user, role=role)
    with transaction.atomic():
        with _checked(member):
            member.save(force_insert=True)
        record(actor, Event.USER_ADDED, target=_user(member), role=role)
    return member


def invite(actor: Actor, *, email: str, first_name: str, last_name: str, role: str) -> Member:
    """Let the person of that address into the workspace, who may be new to the site.

    Someone new has no password: they set one through *Forgot your password?*. Whom the site
    knows keeps their own name. Raises PermissionDenied, ValidationError.
    """
    require(actor, Permission.MANAGE_MEMBERS)
    address = email.strip().lower()
    with transaction.atomic():
        user = User.objects.filter(email=address).first()
        if user is None:
            user = User(email=address, first_name=first_name.strip(), last_name=last_name.strip())
            user.set_unusable_password()
            with _checked(user):
                user.save(force_insert=True)
        elif user.memberships.filter(workspace_id=actor.workspace_id).exists():
            raise ValidationError({"email": "This person is a member of the workspace already."})
        return add_member(actor, user, role)


def change_role(actor: Actor, member: Member, role: str) -> None:
    """Give the member another role; the Owner's changes by `transfer_ownership` alone."""
    require(actor, Permission.MANAGE_MEMBERS)
    _require_assignable(role)
    with transaction.atomic():
        member = _lock(actor, member)
        _require_not_owner(member)
        before, member.role = member.role, role
        if before == role:
            return
        member.save(update_fields=["role", "updated_at"])
        lease.outlast()
        record(actor, Event.USER_ROLE_UPDATED, target=_user(member), **{"from": before, "to": role})


def set_member_status(actor: Actor, member: Member, status: str) -> None:
    """Disable a member, or let them in again; never the Owner."""
    require(actor, Permission.MANAGE_MEMBERS)
    if status not in Member.Status.values:
        raise ValidationError({"status": "Choose live, pending or disabled."})
    with transaction.atomic():
        member = _lock(actor, member)
        _require_not_owner(member)
        before, member.status = member.status, status
        if before == status:
            return
        member.save(update_fields=["status", "updated_at"])
        lease.outlast()
        record(
            actor,
            Event.USER_STATUS_UPDATED,
            target=_user(member),
            **{"from": before, "to": status},
        )


def remove_member(actor: Actor, member: Member) -> None:
    """Take the member out of the workspace and of its teams; never the Owner."""
    require(actor, Permission.MANAGE_MEMBERS)
    with transaction.atomic():
        member = _lock(actor, member)
        _require_not_owner(member)
        target = _user(member)
        member.delete()
        lease.outlast()
        record(actor, Event.USER_REMOVED, target=target, role=member.role)


def create_team(actor: Actor, name: str) -> Team:
    """Add an empty team to the workspace. Raises PermissionDenied, ValidationError."""
    require(actor, Permission.MANAGE_MEMBERS)
    team = Team(workspace_id=actor.workspace_id, name=name.strip())
    with transaction.atomic():
        with _checked(team):
            team.save(force_insert=True)
        record(actor, Event.TEAM_CREATED, target=_team(team), type=team.type)
    return team


def rename_team(actor: Actor, team: Team, name: str) -> Team:
    """Give the team another name. For who manages members, and for the team's admins."""
    _require_team_admin(actor, team)
    with transaction.atomic():
        team = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        if changes := _change(team, {"name": name.strip()}):
            with _checked(team):
                team.save(update_fields=["name", "updated_at"])
            record(actor, Event.TEAM_UPDATED, target=_team(team), changes=changes)
    return team


def add_to_team(actor: Actor, team: Team, member: Member, *, is_admin: bool = False) -> TeamMember:
    """Put the member into the team. For who manages members, and for the team's admins."""
    _require_team_admin(actor, team)
    with transaction.atomic():
        member = _lock(actor, member)
        entry = TeamMember(team=team, member=member, is_admin=is_admin)
        entry.full_clean()
        entry.save(force_insert=True)
        record(
            actor,
            Event.TEAM_MEMBER_ADDED,
            target=_team(team),
            user=_named(member),
            isAdmin=is_admin,
        )
    return entry


def remove_from_team(actor: Actor, team: Team, member: Member) -> None:
    """Take the member out of the team. For who manages members, and for the team's admins."""
    _require_team_admin(actor, team)
    with transaction.atomic():
        member = _lock(actor, member)
        removed, _ = TeamMember.objects.filter(team=team, member=member).delete()
        if removed:
            record(actor, Event.TEAM_MEMBER_REMOVED, target=_team(team), user=_named(member))


def update_profile(
    user: User, origin: Origin, *, first_name: str, last_name: str, time_zone: str
) -> User:
    """Change what a person says of themselves; each workspace that they are in records it."""
    wanted = {
        "first_name": first_name.strip(),
        "last_name": last_name.strip(),
        "time_zone": time_zone,
    }
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if changes := _change(user, wanted):
            user.clean_fields(exclude={"password"})
            user.save(update_fields=[*wanted, "updated_at"])
            for member in live_memberships(user):
                actor = actor_for(member, origin)
                record(actor, Event.USER_UPDATED, target=_user(member), changes=changes)
    return user


@contextmanager
def _checked(row: User | Member | Team) -> Iterator[None]:
    """Check the row, then let it be saved. Raises ValidationError, also where a race is lost."""
    row.full_clean()
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        row.full_clean()  # which finds by now what another wrote after the first look
        raise


def _change(row: Workspace | User | Team, wanted: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Set what is wanted on the row; answer with what that changes."""
    changes = {
        field: {"from": getattr(row, field), "to": value}
        for field, value in wanted.items()
        if getattr(row, field) != value
    }
    for field in changes:
        setattr(row, field, wanted[field])
    return changes


def _lock(actor: Actor, member: Member) -> Member:
    """The member as it stands in the actor's own workspace. Raises Member.DoesNotExist."""
    return (
        Member.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .get(pk=member.pk, workspace_id=actor.workspace_id)
    )


def _require_assignable(role: str) -> None:
    if role == Role.OWNER:
        raise ValidationError({"role": "A workspace has one Owner: transfer the ownership."})
    if role not in Role.values:
        raise ValidationError({"role": "Choose one of the roles."})


def _require_not_owner(member: Member) -> None:
    if member.role == Role.OWNER:
        raise ValidationError("Transfer the ownership of the workspace first.")


def _require_team_admin(actor: Actor, team: Team) -> None:
    if not leads(actor, team):
        raise PermissionDenied


def _named(member: Member) -> dict[str, str]:
    return {"id": str(member.user_id), "name": member.user.get_full_name()}


def _workspace(workspace: Workspace) -> Target:
    return Target("workspace", workspace.id, workspace.name)


def _user(member: Member) -> Target:
    return Target("user", member.user_id, member.user.get_full_name())


def _team(team: Team) -> Target:
    return Target("team", team.id, team.name)
