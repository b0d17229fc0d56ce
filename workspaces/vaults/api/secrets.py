"""The API's secrets."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import UUID

from django.db.models import QuerySet
from ninja import Query
from ninja.params import P, PathEx

from workspaces.actor import Actor, Permission
from workspaces.contract.envelope import ListMeta, Many, One, Resource, Shape, Timestamp, one_of
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page, paged
from workspaces.contract.scopes import Scope, all_of
from workspaces.vaults import actions, queries
from workspaces.vaults.models import Role, Secret, SecretShare

from .pages import walked

if TYPE_CHECKING:
    from workspaces.directory.models import Member, Team

router = Operations(tags=["Secrets"])

SecretRole = Literal["secret_owner", "secret_collaborator"]


class SecretAttributes(Shape):
    """What a secret is; `createdBy` and `updatedBy` are ids of users."""

    title: str
    category: Annotated[str, one_of(Secret.Category)]
    status: Annotated[str, one_of(Secret.Status)]
    event_name: Annotated[str, one_of(Secret.EventName)]
    expires_at: Timestamp | None
    requires_identity_challenge: bool
    role: SecretRole
    version: int
    version_id: UUID
    vault_id: UUID
    workspace_id: UUID
    workspace_name: str
    created_at: Timestamp
    created_by: UUID
    updated_at: Timestamp
    updated_by: UUID


class Body(Shape):
    """The text that a secret keeps."""

    type: Literal["plaintext"] = "plaintext"
    value: str


class OpenAttributes(SecretAttributes):
    """A secret with its body: null where it is disabled or requires an identity challenge."""

    body: Body | None


class SecretResource(Resource[Literal["secret"], SecretAttributes]):
    """A secret, without its body."""


class Secrets(Many[SecretResource, ListMeta]):
    pass


class OpenSecret(Resource[Literal["secret"], OpenAttributes]):
    """A secret, with its body."""


class OneSecret(One[OpenSecret]):
    pass


class Membership(Shape):
    """What someone is to the secret."""

    role: SecretRole


class SecretUser(Resource[Literal["user"], Membership]):
    """A person who shares the secret."""


class SecretUsers(Many[SecretUser, ListMeta]):
    pass


class SecretTeam(Resource[Literal["team"], Membership]):
    """A team that shares the secret."""


class SecretTeams(Many[SecretTeam, ListMeta]):
    pass


@router.operation(
    "GET",
    "/secrets",
    scopes=all_of(Scope.READ_SECRETS),
    permission=Permission.READ_ITEMS,
    answers=Secrets,
)
def list_secrets(request: ApiRequest, page: Query[Page]) -> Secrets:
    """The secrets that the key's owner owns, directly or through a team; without their bodies."""
    actor = request.actor

    def show(secret: Secret) -> SecretResource:
        attributes = SecretAttributes(**_attributes(actor, secret))
        return SecretResource(id=secret.id, type="secret", attributes=attributes)

    return walked(request, page, queries.walk_secrets(actor), show, Secrets)


@router.operation(
    "GET",
    "/secrets/{id}",
    scopes=all_of(Scope.READ_SECRETS),
    permission=Permission.READ_ITEMS,
    answers=OneSecret,
)
def get_secret(request: ApiRequest, secret_id: PathEx[UUID, P(alias="id")]) -> OneSecret:
    """One secret, with its body; that it was read is recorded.

    A secret that requires an identity challenge never yields its body to a key, and a disabled one
    to no one: `body` is null.
    """
    actor = request.actor
    found = queries.owned_secrets_for(actor).select_related("current_version")
    secret = found.defer(queries.SEALED).get(pk=secret_id)
    body = None
    if secret.status == Secret.Status.ACTIVE and not secret.requires_identity_challenge:
        body = Body(value=actions.read_body(actor, secret))
    attributes = OpenAttributes(**_attributes(actor, secret), body=body)
    return OneSecret(data=OpenSecret(id=secret.id, type="secret", attributes=attributes))


@router.operation(
    "GET",
    "/secrets/{id}/members/users",
    scopes=all_of(Scope.READ_SECRETS),
    permission=Permission.READ_ITEMS,
    answers=SecretUsers,
)
def list_secret_users(
    request: ApiRequest, secret_id: PathEx[UUID, P(alias="id")], page: Query[Page]
) -> SecretUsers:
    """The people with whom the secret is shared by name; those of a team are not listed."""
    shares = _shares(request.actor, secret_id).filter(member__isnull=False)
    return paged(request, page, shares.select_related("member"), _user, SecretUsers)


@router.operation(
    "GET",
    "/secrets/{id}/members/teams",
    scopes=all_of(Scope.READ_SECRETS),
    permission=Permission.READ_ITEMS,
    answers=SecretTeams,
)
def list_secret_teams(
    request: ApiRequest, secret_id: PathEx[UUID, P(alias="id")], page: Query[Page]
) -> SecretTeams:
    """The teams with whom the secret is shared."""
    shares = _shares(request.actor, secret_id).filter(team__isnull=False)
    return paged(request, page, shares.select_related("team"), _team, SecretTeams)


def _shares(actor: Actor, secret_id: UUID) -> QuerySet[SecretShare]:
    secret = queries.owned_secrets_for(actor).get(pk=secret_id)
    return secret.shares.order_by("id")


def _user(share: SecretShare) -> SecretUser:
    member = cast("Member", share.member)
    return SecretUser(id=member.user_id, type="user", attributes=_membership(share))


def _team(share: SecretShare) -> SecretTeam:
    team = cast("Team", share.team)
    return SecretTeam(id=team.id, type="team", attributes=_membership(share))


def _membership(share: SecretShare) -> Membership:
    return Membership.model_validate({"role": f"secret_{share.role}"})


def _attributes(actor: Actor, secret: Secret) -> dict[str, Any]:
    return {
        "title": secret.title,
        "category": secret.category,
        "status": secret.status,
        "event_name": secret.event_name,
        "expires_at": secret.expires_at,
        "requires_identity_challenge": secret.requires_identity_challenge,
        "role": f"secret_{Role.OWNER}",  # others are not visible to a key
        "version": secret.current_version.number,
        "version_id": secret.current_version_id,
        "vault_id": secret.vault_id,
        "workspace_id": secret.workspace_id,
        "workspace_name": actor.workspace_name,
        "created_at": secret.created_at,
        "created_by": secret.created_by_id,
        "updated_at": secret.updated_at,
        "updated_by": secret.updated_by_id,
    }
