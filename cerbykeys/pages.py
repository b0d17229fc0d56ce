"""Django's middlewares of pages, kept out of `/api/`: no cookie or session is read there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.middleware import common, csrf

from .addresses import under_api

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseForbidden
    from django.utils.deprecation import MiddlewareMixin

    Base = MiddlewareMixin
else:
    Base = object


class PagesOnly(Base):
    """Passes requests under `/api/` on, untouched."""

    def __call__(self, request: HttpRequest) -> Any:
        if under_api(request):
            return self.get_response(request)
        return super().__call__(request)


class SessionMiddleware(PagesOnly, sessions.SessionMiddleware):
    pass


class AuthenticationMiddleware(PagesOnly, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(PagesOnly, messages.MessageMiddleware):
    pass


class CsrfViewMiddleware(PagesOnly, csrf.CsrfViewMiddleware):
    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseForbidden | None:
        """Django calls this beside `__call__`, for the view that was found."""
        return None if under_api(request) else super().process_view(request, *view)


class CommonMiddleware(common.CommonMiddleware):
    """Never turns a path of the API that does not exist into a redirect to one with a slash."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not under_api(request) and super().should_redirect_with_slash(request)
