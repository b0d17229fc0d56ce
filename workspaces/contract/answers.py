"""What an operation returns, as the answer to its request: JSON made of its shape in one step."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from ninja import Status
from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

JSON = "application/json; charset=utf-8"


def store_of(response: HttpResponseBase) -> dict[str, tuple[str, str]]:
    """Where Django keeps a response's headers, by their names in small letters.

    For names and values that are known to be good: Django looks through each that is set for
    characters that break a header, which took a tenth of a short request.
    """
    store: dict[str, tuple[str, str]] = response.headers._store  # noqa: SLF001
    return store


def answered(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """`view`, whose document is written as it is: ninja would check, copy and dump it first.

    What it declares to answer is the description; the tests hold every answer against it.
    """

    @functools.wraps(view)
    def answer(*args: Any, **values: Any) -> HttpResponse:
        return answer_of(view(*args, **values))

    return answer


def answer_of(result: Any) -> HttpResponse:
    """What a view returned (a document; a `Status` with one; or nothing) as ninja would answer."""
    status, document = HTTPStatus.OK, result
    if isinstance(result, Status):
        status, document = HTTPStatus(result.status_code), result.value
    content = b"" if document is None else to_json(document, by_alias=True)
    return HttpResponse(content, status=status, content_type=JSON)
