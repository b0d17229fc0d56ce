"""The API's collections."""

from typing import Annotated, Any, Literal, NamedTuple
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
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page
from workspaces.contract.reading import reading
from workspaces.contract.scopes import Scope, all_of
from workspaces.vaults import queries
from workspaces.vaults.models import Collection

from .pages import walked

router = Operations(tags=["Collections"])


class CollectionAttributes(Shape):
    """What a collection is; `createdBy` and `updatedBy` are ids of users."""

    name: str
    status: Annotated[str, one_of(Collection.Status)]
    roles: list[Literal["collection_owner", "collection_collaborator"]]
    meta: dict[str, Any] = Field(default_factory=dict)
    created_at: Timestamp
    created_by: UUID
    updated_at: Timestamp
    updated_by: UUID


class CollectionResource(Resource[Literal["collections"], CollectionAttributes]):
    """Accounts and secrets that are shared together."""


class CollectionRow(NamedTuple):
    """What is shown of a collection."""

    id: str
    name: str
    status: str
    created_at: str
    created_by_id: str
    updated_at: str
    updated_by_id: str
    is_owner: bool
    is_collaborator: bool


class OneCollection(One[CollectionResource]):
    pass


class Collections(Many[CollectionResource, ListMeta]):
    pass


@router.operation(
    "GET",
    "/collections",
    scopes=all_of(Scope.READ_ITEMS),
    permission=Permission.READ_ITEMS,
    answers=Collections,
)
def list_collections(request: ApiRequest, page: Query[Page]) -> Document:
    """The collections of which the key's owner holds a role: directly, by a team or from above."""
    walk = queries.walk_collections(request.actor, CollectionRow)
    return walked(request, page, walk, _collection)


@router.operation(
    "GET",
    "/collections/{id}",
    scopes=all_of(Scope.READ_ITEMS),
    permission=Permission.READ_ITEMS,
    answers=OneCollection,
)
def get_collection(request: ApiRequest, collection_id: PathEx[UUID, P(alias="id")]) -> Document:
    """One collection."""
    collections = reading(queries.collections_for, CollectionRow, request.actor)
    return {"data": _collection(collections.get(pk=collection_id))}


def _collection(collection: CollectionRow) -> Document:
    roles = []
    if collection.is_owner:
        roles.append("collection_owner")
    if collection.is_collaborator:
        roles.append("collection_collaborator")
    return {
        "id": collection.id,
        "type": "collections",
        "attributes": {
            "name": collection.name,
            "status": collection.status,
            "roles": roles,
            "meta": {},
            "createdAt": collection.created_at,
            "createdBy": collection.created_by_id,
            "updatedAt": collection.updated_at,
            "updatedBy": collection.updated_by_id,
        },
    }
