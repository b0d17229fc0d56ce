"""Identifies the API key of a request to the API; it refuses only what comes too often."""

from __future__ import annotations

import base64
import binascii
import re
from itertools import chain
from typing import TYPE_CHECKING

from workspaces import metrics
from workspaces.actor import Actor
from workspaces.contract.errors import (
    NO_KEY,
    ApiError,
    ErrorResponse,
    rate_limited,
    too_many_guesses,
    unauthorized,
)
from workspaces.directory.queries import origin_of

from .hosts import workspace_of
from .limits import buckets
from .standing import Reason
from .usage import recorder
from .verification import HeldBack, Refusal, verify

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
_PLACES = ("QUERY_STRING", "HTTP_COOKIE", "HTTP_AUTHORIZATION")  # where else a key may be


class ApiKeyMiddleware:
    """Sets `request.actor`; or None, and `request.refusal` with the error that says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A host that is not ours is told of before anything else is looked at.
        identified = _identify(request, workspace_of(request))
        if not isinstance(identified, Actor):
            # Read by what an operation demands (contract.operations).
            request.actor, request.refusal = None, identified  # type: ignore[attr-defined]
            return self.get_response(request)
        request.actor = identified  # type: ignore[attr-defined]
        key: ActingKey = identified.key  # type: ignore[assignment]  # it has one
        # Only a good key is counted. A bad one is refused by its tag alone, for less than that.
        quota = buckets.take(key.key_id, key.requests_per_minute)
        response: HttpResponseBase
        if quota.wait:
            metrics.rate_limited.inc()
            response = ErrorResponse(rate_limited(quota.limit, quota.wait))
        else:
            recorder.note(key)
            response = self.get_response(request)
        quota.tell(response)
        return response


def _identify(request: HttpRequest, slug: str | None) -> Actor | ApiError:
    meta = request.META
    given = meta.get("HTTP_X_API_KEY")
    if given is None or "," in given:  # none, or more than one
        return unauthorized(NO_KEY)
    if any(map(meta.get, _PLACES)) and _misplaced(request):
        return unauthorized(NO_KEY)
    verdict = verify(given, origin_of(request))
    if isinstance(verdict, Actor):
        if slug is None or slug == verdict.workspace_slug:
            return verdict
        metrics.refused(Reason.OTHER_WORKSPACE)
        verdict = Refusal(Reason.OTHER_WORKSPACE)
    if isinstance(verdict, HeldBack):
        return too_many_guesses()
    detail = EXPLANATIONS[verdict.reason] if verdict.reason else NO_KEY
    return unauthorized(detail, verdict.reason)


def _misplaced(request: HttpRequest) -> bool:
    """Whether a key was sent anywhere but in its header."""
    parameters = ((name, value) for name, values in request.GET.lists() for value in values)
    if any(_is_key(name, value) for name, value in chain(parameters, request.COOKIES.items())):
        return True
    # Beside a key in its place, an Authorization without one is a proxy's in front of us.
    return _holds_token(request.META.get("HTTP_AUTHORIZATION", ""))


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
