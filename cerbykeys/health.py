"""`/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: what it has done.

Answered before anything else looks at the request: a probe knows neither the site's name nor
HTTPS, and needs no session, cookie or log line. What is wrong is logged; that it was asked is not.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error
from django.http import HttpResponse, JsonResponse

from workspaces import redis_server
from workspaces.sealing import keyring

from . import database, draining
from .bounded import Attempt, Question
from .scrape import CONTENT_TYPE, may_scrape, scrape

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = structlog.get_logger(__name__)

SECONDS = 0.9  # a probe waits at most, for all that it asks
_UNCACHED = {"Cache-Control": "no-store"}


class HealthMiddleware:
    """Answers the three paths; passes every other request on, and those who may not know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok"}, headers=_UNCACHED)
        if request.path == "/readyz":
            return _readiness()
        if request.path == "/metrics" and may_scrape(request):
            return HttpResponse(scrape(), content_type=CONTENT_TYPE, headers=_UNCACHED)
        return self.get_response(request)


def _readiness() -> JsonResponse:
    if draining.under_way():
        return _answer({"status": "stopping"}, 503)
    until = time.monotonic() + SECONDS
    # Both at once: neither waits for the other.
    pending = _pending.put()
    redis = _redis.put() if settings.REDIS_URL else None
    checks = {"database": _database(pending, until), "keyring": _keyring()}
    well = all(state == "ok" for state in checks.values())
    if redis is not None:
        # However it is: no good key is refused for want of it.
        checks["redis"] = _state_of_redis(redis, until)
    body = {"status": "ok" if well else "unavailable", **checks}
    return _answer(body, 200 if well else 503)


def _answer(body: dict[str, str], status: int) -> JsonResponse:
    response = JsonResponse(body, status=status, headers=_UNCACHED)
    # As Django marks what it has logged: its own handler would tell of each 503 as an error.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _pending_migrations() -> list[str]:
    return database.pending_migrations()


def _database(pending: Attempt[list[str]], until: float) -> str:
    try:
        return "migrations are pending" if pending.wait(until - time.monotonic()) else "ok"
    except (Error, TimeoutError) as error:
        logger.error("database_unavailable", reason=str(error))  # noqa: TRY400  (the reason is enough)
        return "unavailable"


def _keyring() -> str:
    try:
        # The file, not what this process remembers of it: the next process will need it.
        keyring.load(settings.KEYRING_PATH)
    except ImproperlyConfigured as error:
        logger.error("keyring_unavailable", reason=str(error))  # noqa: TRY400
        return "unavailable"
    return "ok"


def _state_of_redis(answered: Attempt[None], until: float) -> str:
    try:
        answered.wait(until - time.monotonic())
    except Exception as error:  # noqa: BLE001  (one of redis', which may not be installed)
        logger.warning("redis_unavailable", reason=str(error))
        return "degraded"
    return "ok"


def _ping() -> None:
    # Not through `ask`, which leaves a server alone that was away: a probe tells how it is now.
    redis_server.at(settings.REDIS_URL).client.ping()


_pending = Question(_pending_migrations)
_redis = Question(_ping)
