"""Where the ways of pages and of the API part: `settings.MIDDLEWARE` and `settings.API_MIDDLEWARE`.

No session, cookie, CSRF token or sign-in lies on the API's way. That is what the contract asks
for, and each middleware that a program does not need would cost it time with every request.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.urls import get_resolver
from django.utils.module_loading import import_string

from .addresses import under_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.urls import ResolverMatch, URLResolver

    Handler = Callable[[HttpRequest], HttpResponseBase]


LONGEST = 200  # characters of a path that is remembered: a longer one leads nowhere, and takes room


class ApiFork:
    """Sends what is under `/api/` its own way; the middlewares after this one are for pages."""

    def __init__(self, get_response: Handler) -> None:
        self.pages = get_response
        self.api = _chained(settings.API_MIDDLEWARE)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.api(request) if under_api(request) else self.pages(request)


def _chained(middleware: Iterable[str]) -> Handler:
    """The middlewares, the first one outermost, around the view; as Django's own handler does."""
    handler = convert_exception_to_response(_view)
    for name in reversed(list(middleware)):
        handler = convert_exception_to_response(import_string(name)(handler))
    return cast("Handler", handler)


def _view(request: HttpRequest) -> HttpResponseBase:
    resolver, path = get_resolver(), request.path_info
    match = _resolved(resolver, path) if len(path) <= LONGEST else resolver.resolve(path)
    request.resolver_match = match
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response


@functools.lru_cache(maxsize=4096)
def _resolved(resolver: URLResolver, path: str) -> ResolverMatch:
    """What the path leads to; raises Resolver404. The same few are asked for again and again."""
    return resolver.resolve(path)
