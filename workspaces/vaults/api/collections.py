"""The API's collections."""

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import Permission
from workspaces.contract.envelope import ListMeta, Many, One, Resource, Shape, Timestamp, one_of
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page
from workspaces.contract.scopes import Scope, all_of
from workspaces.vaults import queries
from workspaces.vaults.models import Collection

from .pages import walked

if TYPE_CHECKING:
    from workspaces.vaults.queries.visibility import SharedCollection

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
def list_collections(request: ApiRequest, page: Query[Page]) -> Collections:
    """The collections of which the key's owner holds a role: directly, by a team or from above."""
    walk = queries.walk_collections(request.actor)
    return walked(request, page, walk, _collection, Collections)


@router.operation(
    "GET",
    "/collections/{id}",
    scopes=all_of(Scope.READ_ITEMS),
    permission=Permission.READ_ITEMS,
    answers=OneCollection,
)
def get_collection(
    request: ApiRequest, collection_id: PathEx[UUID, P(alias="id")]
) -> OneCollection:
    """One collection."""
    collection = queries.collections_for(request.actor).get(pk=collection_id)
    return OneCollection(data=_collection(collection))


def _collection(collection: "SharedCollection") -> CollectionResource:
    roles: list[Literal["collection_owner", "collection_collaborator"]] = []
    if collection.is_owner:
        roles.append("collection_owner")
    if collection.is_collaborator:
        roles.append("collection_collaborator")
    return CollectionResource(
        id=collection.id,
        type="collections",
        attributes=CollectionAttributes(
            name=collection.name,
            status=collection.status,
            roles=roles,
            created_at=collection.created_at,
            created_by=collection.created_by_id,
            updated_at=collection.updated_at,
            updated_by=collection.updated_by_id,
        ),
    )
