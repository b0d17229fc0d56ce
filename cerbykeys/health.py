"""`/healthz`: the process answers. `/readyz`: it can do its work.

Answered before anything else looks at the request: a probe knows neither the site's name nor
HTTPS, and needs no session, cookie or log line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error
from django.http import JsonResponse

from workspaces.sealing import keyring

from . import database

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = structlog.get_logger(__name__)


class HealthMiddleware:
    """Answers both paths; passes every other request on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return _answer({})
        if request.path == "/readyz":
            return _answer({"database": _database(), "keyring": _keyring()})
        return self.get_response(request)


def _answer(checks: dict[str, str]) -> JsonResponse:
    well = all(state == "ok" for state in checks.values())
    body = {"status": "ok" if well else "unavailable", **checks}
    return JsonResponse(body, status=200 if well else 503, headers={"Cache-Control": "no-store"})


def _database() -> str:
    try:
        pending = database.pending_migrations()
    except Error as error:
        logger.error("database_unavailable", reason=str(error))  # noqa: TRY400  (the reason is enough)
        return "unavailable"
    return "migrations are pending" if pending else "ok"


def _keyring() -> str:
    try:
        # The file, not what this process remembers of it: the next process will need it.
        keyring.load(settings.KEYRING_PATH)
    except ImproperlyConfigured as error:
        logger.error("keyring_unavailable", reason=str(error))  # noqa: TRY400
        return "unavailable"
    return "ok"
