"""What HTTP asks of every address besides its operations: HEAD, OPTIONS, and a 405 that helps."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from . import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


def with_every_method(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view`, which answers some methods and the others with a 405 that allows them.

    HEAD is answered as GET is (the server leaves the body out); OPTIONS by `Allow` alone. There is
    no CORS: a script on another site has no business with a key that opens a workspace.
    """

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        method = request.method
        request.method = "GET" if method == "HEAD" else method
        try:
            response = view(request, *args, **options)
        finally:
            request.method = method
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        allowed = {*response["Allow"].split(", "), "OPTIONS"}
        if "GET" in allowed:
            allowed.add("HEAD")
        allow = ", ".join(sorted(allowed))
        if method == "OPTIONS":
            answer = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": allow})
            del answer["Content-Type"]
            return answer
        return errors.ErrorResponse(errors.method_not_allowed(allow))

    return answered
