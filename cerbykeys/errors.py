"""The answers to what goes wrong anywhere: the contract's shape under `/api/`, pages elsewhere."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.loader import select_template

from workspaces.contract import errors
from workspaces.contract.failures import error_for

from .addresses import under_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, error_for(exception))


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, error_for(exception))


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    return _answer(request, errors.no_such_path())


def handler500(request: HttpRequest) -> HttpResponse:
    """Django names no exception here, but calls while it is being handled."""
    return _answer(request, error_for(sys.exception()))


def _answer(request: HttpRequest, error: errors.ApiError) -> HttpResponse:
    if under_api(request):
        return errors.ErrorResponse(error)
    broken = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    page = select_template([f"{error.status}.html", "500.html" if broken else "400.html"])
    # A page about a failure asks nothing of what may have failed: not even who is signed in.
    response = HttpResponse(page.render({}, None if broken else request), status=error.status)
    for name, value in error.headers.items():
        response[name] = value
    return response


class PageErrorsMiddleware:
    """Gives a page to a 405, which Django leaves empty: blank in a browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return _not_allowed(request, response)
        return response


class ApiErrorsMiddleware:
    """Gives the contract's shape to errors that are answered without an exception, as a 405 is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or isinstance(
            response, errors.ErrorDocument
        ):
            return response
        if isinstance(response, HttpResponseNotAllowed):
            return _not_allowed(request, response)
        return errors.ErrorResponse(errors.by_status(response.status_code))


def _not_allowed(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    allowed = ", ".join(sorted(response["Allow"].split(", ")))
    return _answer(request, errors.method_not_allowed(allowed))
