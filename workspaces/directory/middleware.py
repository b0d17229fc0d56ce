"""Who a browser's request acts as, and the zone its times are shown in."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from . import queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django_htmx.middleware import HtmxDetails

SIGN_IN_PAGES = ("account_login", "account_reauthenticate", "mfa_reauthenticate")


class SignInMiddleware:
    """Leads the whole page to the sign-in where htmx would put the form into a part of it.

    From there the person comes back to the page they see, not to the fragment htmx asked for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        location = urlsplit(response.headers.get("Location", "")).path
        htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
        if not htmx or location not in map(resolve_url, SIGN_IN_PAGES):
            return response
        page = htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(page, location).url)


class ActorMiddleware:
    """Sets `request.actor` on a workspace's pages: strangers get 404, visitors sign in first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        _args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if "workspace" not in kwargs:
            return None
        if not getattr(view, "declares_permission", False):
            msg = f"{view.__module__}.{view.__name__} declares no permission"
            raise ImproperlyConfigured(msg)
        if not request.user.is_authenticated:
            return redirect_to_login(_page_of(request, kwargs["workspace"]))
        actor = queries.actor_of(request.user, kwargs["workspace"], queries.origin_of(request))
        if actor is None:
            raise Http404
        request.actor = actor  # type: ignore[attr-defined]
        return None


def _page_of(request: HttpRequest, workspace: str) -> str:
    """Where to go on after the sign-in: what was sent is lost, and its address may be no page."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return reverse("directory:workspace", args=[workspace])


class TimeZoneMiddleware:
    """Shows times in the zone the person chose, else in their browser's (cookie `tz`), else UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = getattr(request, "user", None)
        if user is None:  # a program asks
            return self.get_response(request)
        chosen = getattr(user, "time_zone", "") or request.COOKIES.get("tz", "")
        try:
            zone = zoneinfo.ZoneInfo(chosen or "UTC")
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            return self.get_response(request)
