"""The API's users and teams."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import Permission
from workspaces.contract.envelope import ListMeta, Many, One, Resource, Shape, Timestamp, one_of
from workspaces.contract.filters import Boolean, CommaSeparated, Text
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page, paged
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
def list_users(request: ApiRequest, page: Query[Page], filters: Query[UserFilters]) -> Users:
    """The people of the workspace, in the order in which they came."""
    members = queries.members_for(
        request.actor,
        text=filters.text,
        statuses=filters.status or (),
        is_guest=filters.is_guest,
        with_mfa=filters.mfa_status,
    )
    return paged(request, page, members, _user, Users)


@router.operation(
    "GET",
    "/users/{id}",
    scopes=all_of(Scope.READ_USERS),
    permission=Permission.READ_DIRECTORY,
    answers=OneUser,
)
def get_user(
    request: ApiRequest, user_id: PathEx[UUID, P(alias="id")], mfa: Query[MfaChoice]
) -> OneUser:
    """One person of the workspace."""
    members = queries.members_for(request.actor, with_mfa=mfa.mfa_status)
    return OneUser(data=_user(members.get(user_id=user_id)))


@router.operation(
    "GET",
    "/teams",
    scopes=all_of(Scope.READ_USERS),
    permission=Permission.READ_DIRECTORY,
    answers=Teams,
)
def list_teams(request: ApiRequest, page: Query[Page]) -> Teams:
    """The teams of the workspace, in the order in which they were made."""
    return paged(request, page, queries.teams_for(request.actor), _team, Teams)


@router.operation(
    "GET",
    "/teams/{id}",
    scopes=all_of(Scope.READ_USERS),
    permission=Permission.READ_DIRECTORY,
    answers=OneTeam,
)
def get_team(request: ApiRequest, team_id: PathEx[UUID, P(alias="id")]) -> OneTeam:
    """One team of the workspace."""
    return OneTeam(data=_team(queries.teams_for(request.actor).get(pk=team_id)))


def _user(member: Member) -> User:
    user = member.user
    return User(
        id=user.id,
        type="user",
        attributes=UserAttributes(
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            role=member.role,
            status=member.status if user.is_active else Member.Status.DISABLED,
            is_guest=member.is_guest,
            mfa_status=_mfa(member),
            created_at=member.created_at,
            updated_at=max(member.updated_at, user.updated_at),
        ),
    )


def _mfa(member: Member) -> MfaStatus | None:
    """The member's second factor; null where the query was not asked for it."""
    if not hasattr(member, "mfa_since"):
        return None
    return MfaStatus(mfa_enabled=member.mfa_since is not None, mfa_enrollment_date=member.mfa_since)


def _team(team: Team) -> TeamResource:
    return TeamResource(
        id=team.id,
        type="team",
        attributes=TeamAttributes(
            name=team.name,
            type=team.type,
            workspace_id=team.workspace_id,
            created_at=team.created_at,
            updated_at=team.updated_at,
        ),
    )
