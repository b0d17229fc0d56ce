"""Every error of the API, in the one shape that the contract gives it."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from django.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .scopes import ScopeRule


MOST_FAULTS = 100
# The one answer to every key whose secret was not shown to be known.
NO_KEY = (
    "No valid API key was given. Send an active one in the X-API-Key header: once, and nowhere "
    "else. A key that was sent in an address may have been logged: remove it."
)


class Code(StrEnum):
    """The contract's error codes, each with its HTTP status and its heading."""

    status: int
    heading: str

    def __new__(cls, value: str, status: int, heading: str) -> Self:
        code = str.__new__(cls, value)
        code._value_ = value
        code.status = status
        code.heading = heading
        return code

    BAD_REQUEST = "bad_request", 400, "Bad request"
    VALIDATION_ERROR = "validation_error", 400, "Validation error"
    UNAUTHORIZED = "unauthorized", 401, "Unauthorized"
    FORBIDDEN = "forbidden", 403, "Forbidden"
    INSUFFICIENT_SCOPE = "insufficient_scope", 403, "Insufficient scope"
    NOT_FOUND = "not_found", 404, "Not found"
    METHOD_NOT_ALLOWED = "method_not_allowed", 405, "Method not allowed"
    CONFLICT = "conflict", 409, "Conflict"
    PAYLOAD_TOO_LARGE = "payload_too_large", 413, "Payload too large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", 415, "Unsupported media type"
    RATE_LIMITED = "rate_limited", 429, "Too many requests"
    INTERNAL_ERROR = "internal_error", 500, "Internal error"
    UNAVAILABLE = "unavailable", 503, "Service unavailable"


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of `errors`: what is wrong, and the cure, in a sentence."""

    code: Code
    detail: str
    meta: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code.value,
            "title": self.code.heading,
            "detail": self.detail,
            "status": self.code.status,
            "meta": self.meta,
        }


class ApiError(Exception):
    """Ends a request with one or more faults of the same status."""

    def __init__(self, *faults: Fault, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = faults
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        return self.faults[0].code.status


def unauthorized(detail: str, reason: str | None = None) -> ApiError:
    """A 401; `reason` only where the secret itself matched."""
    meta = {"reason": reason} if reason else None
    return ApiError(
        Fault(Code.UNAUTHORIZED, detail, meta),
        headers={"WWW-Authenticate": 'ApiKey realm="cerbykeys"'},
    )


def insufficient_scope(rule: ScopeRule, granted: Iterable[str]) -> ApiError:
    """A 403 for a key without the scopes that `rule` wants."""
    meta = {"required": rule.scopes, "granted": sorted(granted)}
    detail = f"The API key lacks a scope: this operation needs {rule}. Add it to the key's scopes."
    return ApiError(
        Fault(Code.INSUFFICIENT_SCOPE, detail, meta), headers={"X-Accepted-Scopes": str(rule)}
    )


def forbidden() -> ApiError:
    """A 403 for an owner whose role does not allow the operation."""
    return ApiError(
        Fault(Code.FORBIDDEN, "The role of the API key's owner does not allow this operation.")
    )


def not_found() -> ApiError:
    """A 404: no such thing, or not visible. The two cannot be told apart."""
    detail = "There is no such resource, or the API key's owner cannot see it."
    return ApiError(Fault(Code.NOT_FOUND, detail))


def no_such_path() -> ApiError:
    detail = "There is no such path. /api/v1/docs lists every operation."
    return ApiError(Fault(Code.NOT_FOUND, detail))


def method_not_allowed(allowed: str) -> ApiError:
    """A 405; `allowed` becomes the Allow header."""
    detail = f"This path does not answer that method. It answers {allowed}."
    return ApiError(Fault(Code.METHOD_NOT_ALLOWED, detail), headers={"Allow": allowed})


def bad_request(detail: str = "The request is malformed.") -> ApiError:
    return ApiError(Fault(Code.BAD_REQUEST, detail))


def unknown_host() -> ApiError:
    return bad_request("The server does not go by the host name of this request.")


def conflict(detail: str) -> ApiError:
    """A 409: the request is well-formed, and cannot be done as things stand."""
    return ApiError(Fault(Code.CONFLICT, detail))


def payload_too_large() -> ApiError:
    detail = "The request's body is too large. Send at most 1 MiB."
    return ApiError(Fault(Code.PAYLOAD_TOO_LARGE, detail))


def unsupported_media_type() -> ApiError:
    detail = (
        "The body is read as JSON in UTF-8. Send it with Content-Type: application/json, "
        "and without a Content-Encoding."
    )
    return ApiError(Fault(Code.UNSUPPORTED_MEDIA_TYPE, detail))


def rate_limited(limit: int, wait: int) -> ApiError:
    """A 429; `wait` is in seconds."""
    detail = f"The API key may make {limit} requests a minute. Try again in {wait} s."
    return ApiError(Fault(Code.RATE_LIMITED, detail), headers={"Retry-After": str(wait)})


def too_many_guesses() -> ApiError:
    """A 429 for a secret that was not looked at, because wrong ones come in a flood."""
    detail = "Too many wrong secrets came for this API key. Try again in 1 s."
    return ApiError(Fault(Code.RATE_LIMITED, detail), headers={"Retry-After": "1"})


def internal_error() -> ApiError:
    detail = "The server failed. If it happens again, report the X-Request-ID of this answer."
    return ApiError(Fault(Code.INTERNAL_ERROR, detail))


def unavailable() -> ApiError:
    """A 503: something that the server needs is down."""
    detail = "The server cannot reach its database at the moment. Try again shortly."
    return ApiError(Fault(Code.UNAVAILABLE, detail), headers={"Retry-After": "5"})


def invalid(faults: Iterable[Mapping[str, Any]]) -> ApiError:
    """A 400 with an entry for each of pydantic's `faults` (their `loc`, `msg` and `type`).

    Only the first are told, lest the answer outgrow the request.
    """
    return ApiError(*(_invalid(fault) for fault in islice(faults, MOST_FAULTS)))


def _invalid(fault: Mapping[str, Any]) -> Fault:
    where = ".".join(str(part) for part in fault["loc"][1:]) or fault["loc"][0]
    meta = {"loc": list(fault["loc"]), "msg": fault["msg"], "type": fault["type"]}
    return Fault(Code.VALIDATION_ERROR, f"{where}: {fault['msg']}", meta)


def by_status(status: int) -> ApiError:
    """The general error of an HTTP status, for answers that Django makes itself."""
    code = next((code for code in Code if code.status == status), None)
    if code is None:
        code = Code.BAD_REQUEST if status < Code.INTERNAL_ERROR.status else Code.INTERNAL_ERROR
    return ApiError(Fault(code, "The request was refused."))


class ErrorDocument(HttpResponse):
    """An answer in the contract's shape, which nothing needs to reshape."""

    def __init__(
        self, content: bytes, status: int, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(content, status=status, content_type="application/json", headers=headers)


class ErrorResponse(ErrorDocument):
    """The answer that tells of an error."""

    def __init__(self, error: ApiError) -> None:
        fault = error.faults[0]
        plain = len(error.faults) == 1 and fault.meta is None
        content = _plain(fault.code, fault.detail) if plain else _told(error.faults)
        super().__init__(content, error.status, error.headers)


def _told(faults: Iterable[Fault]) -> bytes:
    return json.dumps({"errors": [fault.as_json() for fault in faults]}).encode()


@functools.lru_cache(maxsize=64)
def _plain(code: Code, detail: str) -> bytes:
    """Most errors say what others of their kind said, and a flood of bad keys says one thing."""
    return _told([Fault(code, detail)])
