"""How a page under `/w/<slug>/` declares what it takes to see it.

`workspaces.directory.middleware.ActorMiddleware` finds the actor before the view runs and
refuses views that declare nothing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase
    from django_htmx.middleware import HtmxDetails

    from .actor import Actor, Permission


# It pads what it compresses at random (Heal the Breach), and Django masks the CSRF token anew in
# each page: how long an answer is tells nothing of a secret beside what the request reflects.
_compress = GZipMiddleware(lambda _request: HttpResponse()).process_response


class PageRequest(HttpRequest):
    """A request for a page of a workspace, once the middleware has been at it."""

    actor: Actor
    htmx: HtmxDetails


def permitted(
    permission: Permission | None,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let in members whose role allows `permission`; with None, every live member.

    The view is called as `view(request, actor, **captured)`, without the workspace's slug. What a
    GET answers is compressed; what a POST does, which may show a secret, is not.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: PageRequest, **captured: Any) -> HttpResponseBase:
            if permission is not None and not request.actor.may(permission):
                raise PermissionDenied
            del captured["workspace"]  # the actor says which
            response = view(request, request.actor, **captured)
            return _compress(request, response) if request.method == "GET" else response

        guarded.declares_permission = True  # type: ignore[attr-defined]  # read by ActorMiddleware
        return guarded

    return decorate
