"""What an exception says to an API consumer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from ninja.errors import HttpError, ValidationError

from . import errors

if TYPE_CHECKING:
    from collections.abc import Callable


# The first that fits: a body too large is a suspicious operation, too.
_ERRORS: tuple[tuple[tuple[type[Exception], ...], Callable[[], errors.ApiError]], ...] = (
    ((Http404, ObjectDoesNotExist), errors.not_found),
    ((PermissionDenied,), errors.forbidden),
    ((RequestDataTooBig,), errors.payload_too_large),
    ((DisallowedHost,), errors.unknown_host),
    # Ninja raises an HttpError where it cannot read a body.
    ((SuspiciousOperation, BadRequest, MultiPartParserError, HttpError), errors.bad_request),
    ((OperationalError, InterfaceError), errors.unavailable),
)


def error_for(exception: BaseException | None) -> errors.ApiError:
    """The error of the contract for `exception`; `internal_error` for one that nobody foresaw."""
    if isinstance(exception, errors.ApiError):
        return exception
    if isinstance(exception, ValidationError):
        return errors.invalid(exception.errors)
    for kinds, error in _ERRORS:
        if isinstance(exception, kinds):
            return error()
    return errors.internal_error()
