"""The WSGI handler of a server: Django's, without what no request of ours needs.

What is left out took a fifth of a short request: URLs and a prefix of its own for each thread, a
question to each alias of databases and caches before a request and after it, and a second log of
what a line of ours tells already.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import django
from django.core import signals
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connections, reset_queries
from django.http import HttpResponse

from workspaces.contract.answers import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


def application() -> Handler:
    """What a server calls, with Django set up; in this process, `_tidy` alone tidies up."""
    django.setup(set_prefix=False)
    signals.request_started.disconnect(reset_queries)
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_caches)
    signals.request_finished.disconnect(reset_urlconf)
    return Handler()


class Handler(WSGIHandler):
    """Answers as Django's own does."""

    def __call__(  # type: ignore[override]  # a list is no HttpResponse
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        signals.request_started.send(sender=Handler, environ=environ)
        response = self.get_response(self.request_class(environ))
        cookies = [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
        start_response(
            f"{response.status_code} {response.reason_phrase}",
            [*store_of(response).values(), *cookies],
        )
        _tidy()  # what comes in pieces comes from other threads, and asks no database
        if not isinstance(response, HttpResponse):
            return response
        # A list, which granian sends at once; what can only be iterated over it sends in pieces.
        body = [response.content]
        response.close()
        return body

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        # As Django's own does, by what is private to it: there is no public way past its log.
        response: HttpResponseBase = self._middleware_chain(request)  # type: ignore[attr-defined]
        response._resource_closers.append(request.close)  # type: ignore[attr-defined]  # noqa: SLF001
        return response


_of_this_thread = threading.local()


def _tidy() -> None:
    """Close the connection of this thread where it failed or is too old.

    Once a request is enough. The queries that Django would forget are kept in tests alone, and no
    cache of ours has anything to close.
    """
    try:
        connection: BaseDatabaseWrapper = _of_this_thread.connection
    except AttributeError:
        connection = _of_this_thread.connection = connections["default"]
    connection.close_if_unusable_or_obsolete()
