"""Reads the body of a request: JSON that every reader would understand alike, or an error.

Two readers of `{"role": "a", "role": "b"}` may see two documents; a NUL no database takes; a lone
surrogate is no character; a number beyond 64 bits is another one to the next program.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.http import parse_header_parameters
from ninja.parser import Parser

from . import errors
from .checks import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

DEEPEST = 32
BIGGEST = 2**63
_TOO_DEEP = f"nested more than {DEEPEST} levels deep"

_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")


class BodyParser(Parser):
    """Gives ninja what `SentBody` has read."""

    def parse_body(self, request: HttpRequest) -> Any:
        return request.document  # type: ignore[attr-defined]


class SentBody(Check):
    """Reads the body before the operation's own models look at it."""

    wanted: ClassVar[bool] = True

    @classmethod
    def look(cls, request: HttpRequest) -> None:
        document = read(request)
        if not cls.wanted and document:
            names = document if isinstance(document, dict) else [None]
            raise errors.invalid(_unasked(name) for name in names)
        request.document = document  # type: ignore[attr-defined]


class NoBody(SentBody):
    """For an operation that takes none: an empty one, or an empty object, says nothing."""

    wanted = False


def read(request: HttpRequest) -> Any:
    """The document in the body; None where there is none. Raises ApiError."""
    content = _content(request)
    if not content:
        return None
    _require_json(request)
    try:
        text = content.decode("utf-8")
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_no_number,
        )
    except RecursionError:
        _refuse(_TOO_DEEP)
    except ValueError as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "it is not UTF-8"
        _refuse(f"not valid JSON: {reason}")
    if faults := list(_faults(document, ("body",))):
        raise errors.invalid(faults)
    return document


def _content(request: HttpRequest) -> bytes:
    """The body's bytes. One sent in chunks says no length, and Django would read nothing."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if not request.META.get("CONTENT_LENGTH") and request.META.get("wsgi.input_terminated"):
        read, size = [], 0
        while size <= limit and (part := request.META["wsgi.input"].read(limit + 1 - size)):
            read.append(part)
            size += len(part)
        if size > limit:
            raise errors.payload_too_large()
        request._body = b"".join(read)  # noqa: SLF001  (Django keeps it there)
    try:
        return request.body
    except RequestDataTooBig:
        raise errors.payload_too_large() from None


def _require_json(request: HttpRequest) -> None:
    """Raise a 415 for anything but JSON in UTF-8.

    `application/vnd.api+json` is refused too: our documents look like JSON:API, and are not.
    """
    kind, parameters = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    charset = str(parameters.pop("charset", "utf-8")).lower()
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if kind != "application/json" or charset not in {"utf-8", "utf8"} or encoding != "identity":
        raise errors.unsupported_media_type()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            _refuse(f"ambiguous: one of its objects has the name {name[:50]!a} twice")
        read[name] = value
    return read


def _integer(digits: str) -> int:
    if len(digits) > len(str(BIGGEST)) + 1 or abs(int(digits)) >= BIGGEST:
        _refuse("out of range: one of its numbers is too large")
    return int(digits)


def _number(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        _refuse("out of range: one of its numbers is too large")
    return number


def _no_number(word: str) -> NoReturn:
    _refuse(f"not valid JSON: {word} is no number")


def _faults(value: Any, where: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    """Every text in the document that is none, with its place."""
    if len(where) > DEEPEST:
        _refuse(_TOO_DEEP)
    if isinstance(value, str):
        if _NO_TEXT.search(value):
            message = "The text holds a NUL or half a character"
            yield {"loc": where, "msg": message, "type": "no_text"}
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _faults(inner, (*where, number))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if _NO_TEXT.search(name):
                message = "A name in the object holds a NUL or half a character"
                yield {"loc": where, "msg": message, "type": "no_text"}
            else:
                yield from _faults(inner, (*where, name))


def _refuse(reason: str) -> NoReturn:
    detail = f"The body is {reason}."
    raise errors.bad_request(detail) from None


def _unasked(name: str | None) -> dict[str, Any]:
    where = ["body"] if name is None else ["body", name]
    return {"loc": where, "msg": "The operation takes no body", "type": "extra_forbidden"}
