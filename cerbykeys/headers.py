"""Headers that every answer carries; those of HTTPS are Django's own settings."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from csp.utils import build_policy
from django.http import HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

EVERYWHERE = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KEY_HEADER = "X-API-Key"


class HeadersMiddleware:
    """Keeps pages that tell of someone out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
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

    What other middlewares work out anew for each page is the same for each answer here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.headers = {
            **EVERYWHERE,
            "Cache-Control": "no-store",
            "Content-Security-Policy": build_policy(),
            "X-Frame-Options": "DENY",
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        for name, value in self.headers.items():
            headers[name] = value
        if "Vary" in headers:
            patch_vary_headers(response, [KEY_HEADER])
        else:
            headers["Vary"] = KEY_HEADER
        if isinstance(response, HttpResponse) and response.status_code != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(response.content))
        return response


def _depends_on_session(request: HttpRequest) -> bool:
    """Whether the session was looked at; asking who is signed in would look at it."""
    session = getattr(request, "session", None)
    return session is not None and session.accessed
