"""One line of the log for each request, and its place in the counts of `/metrics`."""

from __future__ import annotations

import logging
import sys
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.signals import got_request_exception
from django.dispatch import receiver

from workspaces import metrics

from . import logs
from .addresses import under_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class RequestLineMiddleware:
    """Tells how every request ended that is passed on, once, with what failed in the same line.

    What is logged on a request's way carries its id. Of the query nothing is told: a search may
    hold anything.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id: str = request.id  # type: ignore[attr-defined]  # cerbykeys.request_ids
        before = logs.request_id.set(request_id)
        request.line_follows = True  # type: ignore[attr-defined]  # read by cerbykeys.logs
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        status = response.status_code
        line = {
            "request_id": request_id,
            "method": request.method,
            "path": request.path,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if under_api(request):
            operation: str = getattr(request, "operation", "none")
            line["operation"] = operation
            metrics.count_api_request(operation, status, seconds)
        else:
            metrics.count_page_request(status)
        _tell(request, status, line)
        # As Django marks what it has logged: its own handler would tell of a 404 once more.
        response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
        logs.request_id.reset(before)
        return response


def _tell(request: HttpRequest, status: int, line: dict[str, Any]) -> None:
    if actor := getattr(request, "actor", None):
        line["workspace"] = actor.workspace_slug
        line["user"] = str(actor.user_id)
    told = request.__dict__
    del told["line_follows"]
    if reason := told.pop("refused_because", None):
        line["reason"] = reason
    # Taken off the request: a traceback holds the frames that hold the request.
    failure = told.pop("failure", None)
    if failure is not None:
        line["exc_info"] = failure
    if status < HTTPStatus.BAD_REQUEST:
        level = logging.INFO
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        level = logging.WARNING
    else:
        level = logging.ERROR
    logs.tell(level, "request_finished" if failure is None else "request_failed", **line)


@receiver(got_request_exception)
def _keep_failure(request: HttpRequest, **_: Any) -> None:
    """Django sends this while it handles what nobody caught."""
    if getattr(request, "line_follows", False):
        request.failure = sys.exception()  # type: ignore[attr-defined]
