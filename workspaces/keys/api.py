"""The API's view of the key that asks."""

from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

from ninja import Status

from workspaces.actor import Permission
from workspaces.contract.envelope import One, Resource, Shape, Timestamp
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.scopes import ANY_KEY, Scope

from . import actions, queries
from .material import masked
from .usage import recorder

if TYPE_CHECKING:
    from workspaces.actor import ActingKey, Actor

router = Operations(tags=["The key itself"])


class Owner(Shape):
    """Whose rights the key has."""

    id: UUID
    name: str
    email: str


class KeyAttributes(Shape):
    """`workspace` is the workspace's slug."""

    name: str
    masked_key: str
    scopes: list[str]
    workspace: str
    owner: Owner
    created_at: Timestamp
    expires_at: Timestamp
    last_used_at: Timestamp | None


class KeyResource(Resource[Literal["apiKey"], KeyAttributes]):
    """The API key that the request was sent with."""


class OneKey(One[KeyResource]):
    pass


@router.operation("GET", "/key", scopes=ANY_KEY, permission=Permission.OWN_KEYS, answers=OneKey)
def get_key(request: ApiRequest) -> OneKey:
    """The key itself: whose it is, what it may do and when it expires."""
    actor, key = request.actor, _acting(request.actor)
    return OneKey(
        data=KeyResource(
            id=key.id,
            type="apiKey",
            attributes=KeyAttributes(
                name=key.name,
                masked_key=masked(key.key_id),
                scopes=[scope.value for scope in Scope if scope in key.scopes],
                workspace=actor.workspace_slug,
                owner=Owner(id=cast("UUID", actor.user_id), name=actor.name, email=actor.email),
                created_at=key.created_at,
                expires_at=key.expires_at,
                last_used_at=recorder.last_noted(key.id),
            ),
        )
    )


@router.operation(
    "DELETE", "/key", scopes=ANY_KEY, permission=Permission.OWN_KEYS, answers=None, status=204
)
def delete_key(request: ApiRequest) -> Status[None]:
    """Remove the key itself, for ever, because it leaked: it opens nothing from now on."""
    key = queries.keys_of(request.actor).get(pk=_acting(request.actor).id)
    actions.remove_key(request.actor, key)
    return Status(204, None)


def _acting(actor: "Actor") -> "ActingKey":
    return cast("ActingKey", actor.key)  # an operation lets nobody else in
