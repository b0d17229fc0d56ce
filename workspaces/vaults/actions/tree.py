"""Keeps the paths of the collections' tree, so that who may what is one look at the database."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from workspaces.directory.models import Workspace
from workspaces.vaults.models import Collection, CollectionPath

if TYPE_CHECKING:
    from uuid import UUID

MAX_DEPTH = 10


def hold(workspace_id: UUID) -> None:
    """Let nobody else change the tree until the transaction ends: two moves may make a ring."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)


def place(collection: Collection) -> None:
    """Make the paths to the collection and to all below it anew: its place or status is another.

    Raises ValidationError where it would come to stand below itself, or too deep.
    """
    below = CollectionPath.objects.filter(ancestor=collection).values_list("descendant", flat=True)
    moved = {collection.id, *below}
    if collection.parent_id in moved:
        raise ValidationError({"parent": "A collection cannot be inside itself."})
    children: defaultdict[UUID | None, list[Collection]] = defaultdict(list)
    for child in Collection.objects.filter(pk__in=moved - {collection.id}):
        children[child.parent_id].append(child)
    CollectionPath.objects.filter(descendant__in=moved).delete()
    above = CollectionPath.objects.filter(descendant=collection.parent_id)
    ways = {collection.parent_id: dict(above.values_list("ancestor", "is_open"))}
    paths: list[CollectionPath] = []
    waiting = [collection]
    while waiting:
        here = waiting.pop()
        enabled = here.status == Collection.Status.ENABLED
        way = {ancestor: is_open and enabled for ancestor, is_open in ways[here.parent_id].items()}
        way[here.id] = enabled
        if len(way) > MAX_DEPTH:
            raise ValidationError({"parent": f"Collections go at most {MAX_DEPTH} deep."})
        ways[here.id] = way
        paths += [
            CollectionPath(ancestor_id=ancestor, descendant=here, is_open=is_open)
            for ancestor, is_open in way.items()
        ]
        waiting += children[here.id]
    CollectionPath.objects.bulk_create(paths, batch_size=500)
