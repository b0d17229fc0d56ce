"""The API's secrets."""

from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from ninja import Query
from ninja.params import P, PathEx

from workspaces.actor import Actor, Permission
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
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page, paged
from workspaces.contract.reading import reading
from workspaces.contract.scopes import Scope, all_of
from workspaces.vaults import actions, queries
from workspaces.vaults.models import Role, Secret, SecretShare

from .pages import walked

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


class SecretRow(NamedTuple):
    """What is shown of a secret, without its body."""

    id: str
    title: str
    category: str
    status: str
    event_name: str
    expires_at: str | None
    requires_identity_challenge: bool
    current_version__number: int
    current_version_id: str
    vault_id: str
    created_at: str
    created_by_id: str
    updated_at: str
    updated_by_id: str


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
def list_secrets(request: ApiRequest, page: Query[Page]) -> Document:
    """The secrets that the key's owner owns, directly or through a team; without their bodies."""
    actor = request.actor

    def show(secret: SecretRow) -> Document:
        return _secret(actor, secret)

    return walked(request, page, queries.walk_secrets(actor, SecretRow), show)


@router.operation(
    "GET",
    "/secrets/{id}",
    scopes=all_of(Scope.READ_SECRETS),
    permission=Permission.READ_ITEMS,
    answers=OneSecret,
)
def get_secret(request: ApiRequest, secret_id: PathEx[UUID, P(alias="id")]) -> Document:
    """One secret, with its body; that it was read is recorded.

    A secret that requires an identity challenge never yields its body to a key, and a disabled one
    to no one: `body` is null.
    """
    actor = request.actor
    secret = reading(queries.owned_secrets_for, SecretRow, actor).get(pk=secret_id)
    body = None
    if secret.status == Secret.Status.ACTIVE and not secret.requires_identity_challenge:
        value = actions.read_body(actor, Secret(pk=secret_id))
        body = {"type": "plaintext", "value": value}
    resource = _secret(actor, secret)
    resource["attributes"]["body"] = body
    return {"data": resource}


@router.operation(
    "GET",
    "/secrets/{id}/members/users",
    scopes=all_of(Scope.READ_SECRETS),
    permission=Permission.READ_ITEMS,
    answers=SecretUsers,
)
def list_secret_users(
    request: ApiRequest, secret_id: PathEx[UUID, P(alias="id")], page: Query[Page]
) -> Document:
    """The people with whom the secret is shared by name; those of a team are not listed."""
    shares = _shares(request.actor, secret_id).filter(member__isnull=False)
    return paged(request, page, shares.values_list("member__user_id", "role"), _user)


@router.operation(
    "GET",
    "/secrets/{id}/members/teams",
    scopes=all_of(Scope.READ_SECRETS),
    permission=Permission.READ_ITEMS,
    answers=SecretTeams,
)
def list_secret_teams(
    request: ApiRequest, secret_id: PathEx[UUID, P(alias="id")], page: Query[Page]
) -> Document:
    """The teams with whom the secret is shared."""
    shares = _shares(request.actor, secret_id).filter(team__isnull=False)
    return paged(request, page, shares.values_list("team_id", "role"), _team)


def _shares(actor: Actor, secret_id: UUID) -> QuerySet[SecretShare]:
    secret = queries.owned_secrets_for(actor).get(pk=secret_id)
    return secret.shares.order_by("id")


def _user(share: tuple[UUID, str]) -> Document:
    return _sharer("user", *share)


def _team(share: tuple[UUID, str]) -> Document:
    return _sharer("team", *share)


def _sharer(kind: str, pk: UUID, role: str) -> Document:
    return {"id": str(pk), "type": kind, "attributes": {"role": f"secret_{role}"}}


def _secret(actor: Actor, secret: SecretRow) -> Document:
    return {
        "id": secret.id,
        "type": "secret",
        "attributes": {
            "title": secret.title,
            "category": secret.category,
            "status": secret.status,
            "eventName": secret.event_name,
            "expiresAt": secret.expires_at,
            "requiresIdentityChallenge": secret.requires_identity_challenge,
            "role": f"secret_{Role.OWNER}",  # others are not visible to a key
            "version": secret.current_version__number,
            "versionId": secret.current_version_id,
            "vaultId": secret.vault_id,
            "workspaceId": str(actor.workspace_id),
            "workspaceName": actor.workspace_name,
            "createdAt": secret.created_at,
            "createdBy": secret.created_by_id,
            "updatedAt": secret.updated_at,
            "updatedBy": secret.updated_by_id,
        },
    }
