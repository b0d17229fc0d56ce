"""What every page's shell shows: the workspace, the person, the drawer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """`actor` of the request; empty outside a workspace."""
    return {"actor": getattr(request, "actor", None)}
