"""Identifies the API key of a request to the API; it refuses only what comes too often."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http.request import split_domain_port

from workspaces import metrics
from workspaces.contract.errors import (
    NO_KEY,
    ApiError,
    ErrorResponse,
    rate_limited,
    too_many_guesses,
    unauthorized,
)
from workspaces.directory.queries import origin_of

from .limits import buckets
from .usage import recorder
from .verification import HeldBack, Reason, Refusal, Verified, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from workspaces.actor import ActingKey

EXPLANATIONS = {
    Reason.REMOVED: "The API key was removed. Generate a new one.",
    Reason.EXPIRED: "The API key has expired. Generate a new one.",
    Reason.DISABLED: "The API key is disabled. Ask an Owner or Super Admin to enable it.",
    Reason.OWNER_REMOVED: "The API key's owner is no longer in the workspace. Generate a new one.",
    Reason.OWNER_DISABLED: "The API key's owner is not a live member of the workspace.",
    Reason.OWNER_ROLE: "The role of the API key's owner may no longer own keys.",
    Reason.OTHER_WORKSPACE: "The API key belongs to another workspace than this address.",
}

_TOKEN = re.compile(r"cerby_[0-9A-Za-z]{12}_[0-9A-Za-z]{16}")
_NAMES = frozenset({"apikey", "xapikey"})


class ApiKeyMiddleware:
    """Sets `request.actor`; or None, and `request.refusal` with the error that says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = request.get_host()  # one that is not ours is told of before anything is looked at
        identified = _identify(request, host)
        if isinstance(identified, ApiError):
            request.actor, request.refusal = None, identified  # type: ignore[attr-defined]
            return self.get_response(request)
        request.actor = identified.actor  # type: ignore[attr-defined]
        return self._within_limit(request, identified)

    def _within_limit(self, request: HttpRequest, verified: Verified) -> HttpResponseBase:
        """The answer to a good key, or a 429; either says how many more requests it may make.

        A bad key is refused by its tag alone, for less than counting it would cost.
        """
        key = cast("ActingKey", verified.actor.key)
        quota = buckets.take(key.id, verified.requests_per_minute)
        response: HttpResponseBase
        if quota.wait:
            metrics.rate_limited.inc()
            response = ErrorResponse(rate_limited(quota.limit, quota.wait))
        else:
            recorder.note(key.id)
            response = self.get_response(request)
        for name, value in quota.headers.items():
            response[name] = value
        return response


def _identify(request: HttpRequest, host: str) -> Verified | ApiError:
    given = request.META.get("HTTP_X_API_KEY")
    if given is None or _misplaced(request, given):
        return unauthorized(NO_KEY)
    verdict = verify(given, origin_of(request))
    if isinstance(verdict, HeldBack):
        return too_many_guesses()
    if isinstance(verdict, Verified):
        verdict = _within_workspace(host, verdict)
    if isinstance(verdict, Refusal):
        detail = EXPLANATIONS[verdict.reason] if verdict.reason else NO_KEY
        return unauthorized(detail, verdict.reason)
    return verdict


def _misplaced(request: HttpRequest, given: str) -> bool:
    """Whether a key was sent twice, or anywhere but in its header."""
    if "," in given:
        return True
    sent = [(name, value) for name, values in request.GET.lists() for value in values]
    if "HTTP_COOKIE" in request.META:
        sent += request.COOKIES.items()
    if any(_is_key(name, value) for name, value in sent):
        return True
    # Beside a key in its place, an Authorization without one is a proxy's in front of us.
    authorization = request.META.get("HTTP_AUTHORIZATION")
    return authorization is not None and _holds_token(authorization)


def _is_key(name: str, value: str) -> bool:
    plain = re.sub(r"[^a-z]", "", name.lower())
    return plain in _NAMES or bool(_TOKEN.search(value) or _TOKEN.search(name))


def _holds_token(authorization: str) -> bool:
    _scheme, _, credentials = authorization.partition(" ")
    try:
        decoded = base64.b64decode(credentials.strip() + "==").decode("latin-1")
    except (binascii.Error, ValueError):
        decoded = ""
    return bool(_TOKEN.search(authorization) or _TOKEN.search(decoded))


def _within_workspace(host: str, verified: Verified) -> Verified | Refusal:
    """Refuse a key of another workspace where the host name is `<slug>.<domain>`."""
    slug = _workspace_of(host, tuple(settings.ALLOWED_HOSTS))
    if slug is None or slug == verified.actor.workspace_slug:
        return verified
    metrics.refused(Reason.OTHER_WORKSPACE)
    return Refusal(Reason.OTHER_WORKSPACE)


@functools.lru_cache(maxsize=64)  # few: a host name may be as long as a header
def _workspace_of(host: str, allowed_hosts: tuple[str, ...]) -> str | None:
    """The slug in the host name, whatever workspace it may be; None for the site's own name."""
    domain, _port = split_domain_port(host)
    for allowed in allowed_hosts:
        if allowed.startswith(".") and domain.endswith(allowed.lower()):
            return domain.removesuffix(allowed.lower())
    return None
