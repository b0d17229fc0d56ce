"""How a page under `/w/<slug>/` declares what it takes to see it.

`workspaces.directory.middleware.ActorMiddleware` finds the actor before the view runs and
refuses views that declare nothing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase
    from django_htmx.middleware import HtmxDetails

    from .actor import Actor, Permission

P = ParamSpec("P")


class PageRequest(HttpRequest):
    """A request as the middlewares hand it to a page of a workspace; for annotations alone."""

    actor: Actor
    htmx: HtmxDetails


def permitted(
    permission: Permission | None,
) -> Callable[
    [Callable[Concatenate[PageRequest, Actor, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Let in members whose role allows `permission`; with None, every live member.

    The view is called as `view(request, actor, **captured)`, without the workspace's slug.
    """

    def decorate(
        view: Callable[Concatenate[PageRequest, Actor, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            page_request = cast("PageRequest", request)
            actor = page_request.actor
            if permission is not None and not actor.may(permission):
                raise PermissionDenied
            kwargs.pop("workspace", None)
            return view(page_request, actor, *args, **kwargs)

        guarded.declares_permission = True  # type: ignore[attr-defined]  # read by ActorMiddleware
        return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", guarded)

    return decorate
