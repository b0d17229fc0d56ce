"""Gives every request an id, by which its log lines, its activities and its answer are joined."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from workspaces.contract.answers import store_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
# No part of an API key: an id is told in the log and in the answer.
_WELL_FORMED = re.compile(r"(?!.*cerby_)[A-Za-z0-9._-]{8,64}", re.IGNORECASE)


class RequestIdMiddleware:
    """Takes a well-formed X-Request-ID, or makes one: `request.id`; and answers it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _WELL_FORMED.fullmatch(given) else _new_id()
        request.id = request_id  # type: ignore[attr-defined]  # read by directory.queries.origin_of
        response = self.get_response(request)
        store_of(response)["x-request-id"] = (HEADER, request_id)
        return response


def _new_id() -> str:
    """A UUID (RFC 9562, version 4) that tells requests apart.

    It is no secret, and need not cost a call of the system; nor an object made and written out.
    """
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
