"""Headers that every answer carries; those of the CSP and of HTTPS are Django's own settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.cache import patch_cache_control, patch_vary_headers

from .addresses import under_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class HeadersMiddleware:
    """Keeps answers that tell of someone out of every cache; adds to Vary, never replaces it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if under_api(request):
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["X-API-Key"])
        elif _depends_on_session(request):
            patch_cache_control(response, no_store=True, private=True)
        return response


def _depends_on_session(request: HttpRequest) -> bool:
    """Whether the session was looked at; asking who is signed in would look at it."""
    session = getattr(request, "session", None)
    return session is not None and session.accessed
