"""How a page under `/w/<slug>/` declares what it takes to see it.

`workspaces.directory.middleware.ActorMiddleware` finds the actor before the view runs and
refuses views that declare nothing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase
    from django_htmx.middleware import HtmxDetails

    from .actor import Actor, Permission


class PageRequest(HttpRequest):
    """A request for a page of a workspace, once the middleware has been at it."""

    actor: Actor
    htmx: HtmxDetails


def permitted(
    permission: Permission | None,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let in members whose role allows `permission`; with None, every live member.

    The view is called as `view(request, actor, **captured)`, without the workspace's slug.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: PageRequest, **captured: Any) -> HttpResponseBase:
            if permission is not None and not request.actor.may(permission):
                raise PermissionDenied
            del captured["workspace"]  # the actor says which
            return view(request, request.actor, **captured)

        guarded.declares_permission = True  # type: ignore[attr-defined]  # read by ActorMiddleware
        return guarded

    return decorate
