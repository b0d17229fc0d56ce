"""The API's users and teams."""

from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import Permission
from workspaces.contract.envelope import (
    Document,
    ListMeta,
    Many,
    One,
    Resource,
    Shape,
    Timestamp,
    one_of,
)
from workspaces.contract.filters import Boolean, CommaSeparated, Text
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page, paged
from workspaces.contract.reading import reading
from workspaces.contract.scopes import Scope, all_of

from . import queries
from .models import Member, Team
from .roles import Role

router = Operations(tags=["Users and teams"])


class MfaStatus(Shape):
    """Whether the user has a second factor, and since when."""

    mfa_enabled: bool
    mfa_enrollment_date: Timestamp | None


class UserAttributes(Shape):
    first_name: str
    last_name: str
    email: str
    role: Annotated[str, one_of(Role)]
    status: Annotated[str, one_of(Member.Status)]
    is_guest: bool
    mfa_status: MfaStatus | None
    created_at: Timestamp
    updated_at: Timestamp


class User(Resource[Literal["user"], UserAttributes]):
    """A person in the workspace."""


class OneUser(One[User]):
    pass


class Users(Many[User, ListMeta]):
    pass


class MemberRow(NamedTuple):
    """What is shown of a member."""

    user_id: str
    user__first_name: str
    user__last_name: str
    user__email: str
    user__is_active: bool
    user__updated_at: str
    role: str
    status: str
    created_at: str
    updated_at: str
    mfa_since: str | None = None


class TeamAttributes(Shape):
    name: str
    type: Annotated[str, one_of(Team.Type)]
    workspace_id: UUID
    created_at: Timestamp
    updated_at: Timestamp


class TeamResource(Resource[Literal["team"], TeamAttributes]):
    """A group of people with whom items are shared at once."""


class OneTeam(One[TeamResource]):
    pass


class Teams(Many[TeamResource, ListMeta]):
    pass


class TeamRow(NamedTuple):
    """What is shown of a team."""

    id: str
    name: str
    type: str
    workspace_id: str
    created_at: str
    updated_at: str


class MfaChoice(Shape):
    """Whether the second factor is told of."""

    mfa_status: Boolean = Field(default=False, description="Whether to include `mfaStatus`.")


class UserFilters(MfaChoice):
    """What narrows the list of users."""

    text: Text = Field("", alias="filter", description="Words in the name or the e-mail address.")
    status: Annotated[tuple[str, ...] | None, CommaSeparated(Member.Status)] = Field(
        None, alias="filter[status]", description="`live`, `pending`, `disabled`; comma-separated."
    )
    is_guest: Boolean | None = Field(
        None, alias="filter[isGuest]", description="Guests, or the others."
    )


@router.operation(
    "GET",
    "/users",
    scopes=all_of(Scope.READ_USERS),
    permission=Permission.READ_DIRECTORY,
    answers=Users,
)
def list_users(request: ApiRequest, page: Query[Page], filters: Query[UserFilters]) -> Document:
    """The people of the workspace, in the order in which they came."""
    members = reading(
        queries.members_for,
        MemberRow,
        request.actor,
        text=filters.text,
        statuses=filters.status or (),
        is_guest=filters.is_guest,
        with_mfa=filters.mfa_status,
    )

    def show(member: MemberRow) -> Document:
        return _user(member, with_mfa=filters.mfa_status)

    return paged(request, page, members, show)


@router.operation(
    "GET",
    "/users/{id}",
    scopes=all_of(Scope.READ_USERS),
    permission=Permission.READ_DIRECTORY,
    answers=OneUser,
)
def get_user(
    request: ApiRequest, user_id: PathEx[UUID, P(alias="id")], mfa: Query[MfaChoice]
) -> Document:
    """One person of the workspace."""
    with_mfa = mfa.mfa_status
    members = reading(queries.members_for, MemberRow, request.actor, with_mfa=with_mfa)
    return {"data": _user(members.get(user_id=user_id), with_mfa=with_mfa)}


@router.operation(
    "GET",
    "/teams",
    scopes=all_of(Scope.READ_USERS),
    permission=Permission.READ_DIRECTORY,
    answers=Teams,
)
def list_teams(request: ApiRequest, page: Query[Page]) -> Document:
    """The teams of the workspace, in the order in which they were made."""
    teams = reading(queries.teams_for, TeamRow, request.actor)
    return paged(request, page, teams, _team)


@router.operation(
    "GET",
    "/teams/{id}",
    scopes=all_of(Scope.READ_USERS),
    permission=Permission.READ_DIRECTORY,
    answers=OneTeam,
)
def get_team(request: ApiRequest, team_id: PathEx[UUID, P(alias="id")]) -> Document:
    """One team of the workspace."""
    teams = reading(queries.teams_for, TeamRow, request.actor)
    return {"data": _team(teams.get(pk=team_id))}


def _user(member: MemberRow, *, with_mfa: bool) -> Document:
    mfa = None
    if with_mfa:
        since = member.mfa_since
        mfa = {"mfaEnabled": since is not None, "mfaEnrollmentDate": since}
    return {
        "id": member.user_id,
        "type": "user",
        "attributes": {
            "firstName": member.user__first_name,
            "lastName": member.user__last_name,
            "email": member.user__email,
            "role": member.role,
            "status": member.status if member.user__is_active else Member.Status.DISABLED,
            "isGuest": member.role == Role.GUEST,
            "mfaStatus": mfa,
            "createdAt": member.created_at,
            "updatedAt": max(member.updated_at, member.user__updated_at),
        },
    }


def _team(team: TeamRow) -> Document:
    return {
        "id": team.id,
        "type": "team",
        "attributes": {
            "name": team.name,
            "type": team.type,
            "workspaceId": team.workspace_id,
            "createdAt": team.created_at,
            "updatedAt": team.updated_at,
        },
    }
