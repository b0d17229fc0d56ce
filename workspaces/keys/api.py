"""The API's view of the key that asks."""

from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

from ninja import Status

from workspaces.actor import Permission
from workspaces.contract.envelope import Document, One, Resource, Shape, Timestamp, in_utc
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.scopes import ANY_KEY, Scope

from . import actions, queries
from .material import masked
from .usage import recorder

if TYPE_CHECKING:
    from workspaces.actor import ActingKey, Actor

_SCOPES = [scope.value for scope in Scope]

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
def get_key(request: ApiRequest) -> Document:
    """The key itself: whose it is, what it may do and when it expires."""
    actor, key = request.actor, _acting(request.actor)
    last_used_at = recorder.last_noted(key)
    return {
        "data": {
            "id": key.id,
            "type": "apiKey",
            "attributes": {
                "name": key.name,
                "maskedKey": masked(key.key_id),
                "scopes": [scope for scope in _SCOPES if scope in key.scopes],
                "workspace": actor.workspace_slug,
                "owner": {"id": actor.user_id, "name": actor.name, "email": actor.email},
                "createdAt": in_utc(key.created_at),
                "expiresAt": in_utc(key.expires_at),
                "lastUsedAt": last_used_at and in_utc(last_used_at),
            },
        }
    }


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
