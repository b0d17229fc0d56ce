"""What every page's shell shows: the workspace, the person, the drawer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import SimpleLazyObject

from .queries import other_workspaces

if TYPE_CHECKING:
    from django.http import HttpRequest

    from workspaces.actor import Actor

    from .models import Workspace


def shell(request: HttpRequest) -> dict[str, Any]:
    """`actor` and the `other_workspaces` of the same person; nothing outside a workspace.

    Only the drawer asks for the other workspaces, so only a page that has it queries for them.
    """
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}

    def others() -> list[Workspace]:
        return list(other_workspaces(actor))

    return {"actor": actor, "other_workspaces": SimpleLazyObject(others)}
