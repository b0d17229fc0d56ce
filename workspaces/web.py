"""How a page under `/w/<slug>/` declares what it takes to see it.

`workspaces.directory.middleware.ActorMiddleware` finds the actor before the view runs and
refuses views that declare nothing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from .actor import Actor, Permission

P = ParamSpec("P")


def permitted(
    permission: Permission | None,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Let in members whose role allows `permission`; with None, every live member.

    The view is called as `view(request, actor, **captured)`, without the workspace's slug.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
            if permission is not None and not actor.may(permission):
                raise PermissionDenied
            kwargs.pop("workspace", None)
            return view(request, actor, *args, **kwargs)

        guarded.declares_permission = True  # type: ignore[attr-defined]  # read by ActorMiddleware
        return guarded

    return decorate
