"""Headers that every answer carries; those of HTTPS are Django's own settings."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from csp.utils import build_policy
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.utils.cache import patch_cache_control, patch_vary_headers

from workspaces.contract.answers import store_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    Handler = Callable[[HttpRequest], HttpResponseBase]

EVERYWHERE = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KEY_HEADER = "X-API-Key"


class HeadersMiddleware:
    """Keeps pages that tell of someone out of every cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            response.setdefault(name, value)
        if _depends_on_session(request):
            patch_cache_control(response, no_store=True, private=True)
        return response


class ApiHeadersMiddleware:
    """Keeps every answer of the API out of caches; adds to Vary, never replaces it.

    What other middlewares work out anew for each page is the same for each answer here; that of
    Django's SecurityMiddleware is asked of it once, for HTTP and for HTTPS.
    """

    def __init__(self, get_response: Handler) -> None:
        self.security = SecurityMiddleware(get_response)
        # A host that is not ours is told of here as it is everywhere: by an answer with headers.
        self.get_response = cast(
            "Handler", convert_exception_to_response(self._redirected(get_response))
        )
        self.headers = {scheme == "https": self._prepared(scheme) for scheme in ("http", "https")}

    def _redirected(self, get_response: Handler) -> Handler:
        """The way on; to HTTPS where nothing else is answered."""

        def answer(request: HttpRequest) -> HttpResponseBase:
            return self.security.process_request(request) or get_response(request)

        return answer

    def _prepared(self, scheme: str) -> dict[str, tuple[str, str]]:
        response = HttpResponse()
        del response.headers["Content-Type"]
        constant = {
            **EVERYWHERE,
            "Cache-Control": "no-store",
            "Content-Security-Policy": build_policy(),
            "X-Frame-Options": "DENY",
        }
        for name, value in constant.items():
            response.headers[name] = value
        request = WSGIRequest(
            {"REQUEST_METHOD": "GET", "wsgi.url_scheme": scheme, "wsgi.input": io.BytesIO()}
        )
        self.security.process_response(request, response)
        return dict(store_of(response))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        store = store_of(response)
        store.update(self.headers[request.is_secure()])
        if "vary" in store:
            patch_vary_headers(response, [KEY_HEADER])
        else:
            store["vary"] = ("Vary", KEY_HEADER)
        if isinstance(response, HttpResponse) and response.status_code != HTTPStatus.NO_CONTENT:
            store["content-length"] = ("Content-Length", str(len(response.content)))
        return response


def _depends_on_session(request: HttpRequest) -> bool:
    """Whether the session was looked at; asking who is signed in would look at it."""
    session = getattr(request, "session", None)
    return session is not None and session.accessed
