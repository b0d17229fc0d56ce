"""Every write to collections, and to what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from workspaces.activity.actions import record
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.directory.roles import require
from workspaces.vaults.models import (
    Account,
    Collection,
    CollectionItem,
    CollectionShare,
    Role,
    Secret,
)

from . import tree
from .sharing import acting_user, owned_now, target

if TYPE_CHECKING:
    from workspaces.actor import Actor

Item = TypeVar("Item", Account, Secret)


def create_collection(actor: Actor, name: str, parent: Collection | None = None) -> Collection:
    """Add a collection, of which the actor becomes the Owner, perhaps inside one that they own.

    Raises PermissionDenied, ValidationError.
    """
    require(actor, Permission.CREATE_ITEMS)
    user_id = acting_user(actor)
    collection = Collection(
        workspace_id=actor.workspace_id,
        name=name.strip(),
        created_by_id=user_id,
        updated_by_id=user_id,
    )
    _check(collection)
    with transaction.atomic():
        tree.hold(actor.workspace_id)
        collection.parent = owned_now(actor, parent) if parent else None
        collection.save(force_insert=True)
        tree.place(collection)
        CollectionShare.objects.create(item=collection, member_id=actor.member_id, role=Role.OWNER)
        record(
            actor,
            Event.COLLECTION_CREATED,
            target=target(collection),
            parent=_named(collection.parent),
        )
    return collection


def update_collection(
    actor: Actor, collection: Collection, *, name: str, parent: Collection | None
) -> Collection:
    """Rename the collection, or put it elsewhere: for Owners of it, of its old and new place."""
    with transaction.atomic():
        tree.hold(actor.workspace_id)
        collection = owned_now(actor, collection)
        changes: dict[str, dict[str, Any]] = {}
        if collection.name != name.strip():
            changes["name"] = {"from": collection.name, "to": name.strip()}
            collection.name = name.strip()
            _check(collection)
        if collection.parent_id != (parent and parent.pk):
            # Those who share the one above lose what they held of this one.
            before = collection.parent and owned_now(actor, collection.parent)
            collection.parent = parent and owned_now(actor, parent)
            changes["parent"] = {"from": _named(before), "to": _named(collection.parent)}
            tree.place(collection)
        if changes:
            _save(actor, collection, *changes)
            record(actor, Event.COLLECTION_UPDATED, target=target(collection), changes=changes)
    return collection


def set_collection_status(actor: Actor, collection: Collection, status: str) -> Collection:
    """Disable the collection, so that it gives no role of what is in it, or enable it again."""
    if status not in Collection.Status.values:
        raise ValidationError({"status": "Choose enabled or disabled."})
    with transaction.atomic():
        tree.hold(actor.workspace_id)
        collection = owned_now(actor, collection)
        if collection.status != status:
            collection.status = status
            tree.place(collection)
            _save(actor, collection, "status")
            disabled = status == Collection.Status.DISABLED
            event = Event.COLLECTION_DISABLED if disabled else Event.COLLECTION_ENABLED
            record(actor, event, target=target(collection))
    return collection


def add_item(actor: Actor, collection: Collection, item: Item) -> CollectionItem:
    """Put the item in, which shares it with all who share the collection: for Owners of both."""
    with transaction.atomic():
        collection = owned_now(actor, collection)
        item = owned_now(actor, item)
        entry, added = item.collection_items.get_or_create(collection=collection)
        if added:
            record(
                actor,
                Event.COLLECTION_ITEM_ADDED,
                target=target(collection),
                item=_described(item),
            )
    return entry


def remove_item(actor: Actor, entry: CollectionItem) -> None:
    """Take the item out of its collection. Only for the collection's Owners."""
    with transaction.atomic():
        collection = owned_now(actor, entry.collection)
        removed, _ = CollectionItem.objects.filter(pk=entry.pk).delete()
        if removed:
            record(
                actor,
                Event.COLLECTION_ITEM_REMOVED,
                target=target(collection),
                item=_described(entry.item),
            )


def _save(actor: Actor, collection: Collection, *fields: str) -> None:
    collection.updated_by_id = acting_user(actor)
    collection.save(update_fields=[*fields, "updated_by", "updated_at"])


def _check(collection: Collection) -> None:
    collection.clean_fields(exclude={"workspace", "parent", "created_by", "updated_by"})


def _field(item: Account | Secret) -> str:
    return "account" if isinstance(item, Account) else "secret"


def _described(item: Account | Secret) -> dict[str, str]:
    return {"type": _field(item), "id": str(item.id), "name": str(item)}


def _named(parent: Collection | None) -> dict[str, str] | None:
    return {"id": str(parent.id), "name": parent.name} if parent else None
