"""`Idempotency-Key`: a write that is sent again is not done again; it is answered as before."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from . import errors
from .answers import JSON
from .failures import error_for
from .models import FirstAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import ApiRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
REMEMBERED = timedelta(hours=24)

_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view`, done once for each Idempotency-Key of an API key.

    What it writes and the answer are kept in one transaction: a crash leaves neither. A twin that
    arrives meanwhile waits for it. Failures of the server are not kept.
    """

    @functools.wraps(view)
    def answer(request: ApiRequest, **values: Any) -> HttpResponse:
        name = request.headers.get(HEADER)
        if name is None:
            return view(request, **values)
        with transaction.atomic():
            first, is_new = _claim(request, name)
            if not is_new:
                return _replay(request, first)
            try:
                with transaction.atomic():
                    response = view(request, **values)
            except Exception as exception:
                error = error_for(exception)
                if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                response = errors.ErrorResponse(error)
            first.status, first.content = response.status_code, response.content.decode()
            first.save(update_fields=["status", "content"])
        return response

    return answer


def forget_expired() -> int:
    """Delete the answers that are replayed no more; how many they were."""
    count, _ = FirstAnswer.objects.filter(created_at__lte=timezone.now() - REMEMBERED).delete()
    return count


def _claim(request: ApiRequest, name: str) -> tuple[FirstAnswer, bool]:
    """The row of this Idempotency-Key, and whether it was made now."""
    if not _VISIBLE.fullmatch(name):
        message = "Send 1 to 255 visible ASCII characters, for example a UUID"
        where = ["header", HEADER]
        raise errors.invalid([{"loc": where, "msg": message, "type": "idempotency_key"}])
    if request.actor.key is None:
        raise errors.unauthorized(errors.NO_KEY)
    identity = {"key_id": request.actor.key.id, "name_digest": _digest(name)}
    rows = FirstAnswer.objects.filter(**identity)
    rows.filter(created_at__lte=timezone.now() - REMEMBERED).delete()
    try:
        with transaction.atomic():
            made = FirstAnswer.objects.create(
                **identity, request_digest=_digest_of(request), status=0, content=""
            )
    except IntegrityError:
        return rows.get(), False
    return made, True


def _replay(request: ApiRequest, first: FirstAnswer) -> HttpResponse:
    if bytes(first.request_digest) != _digest_of(request):
        raise errors.conflict(
            "This Idempotency-Key was sent before with another request. "
            "Send a new one with each request."
        )
    response = _answer(first.status, first.content)
    response[REPLAYED] = "true"
    return response


def _answer(status: int, content: str) -> HttpResponse:
    if status >= HTTPStatus.BAD_REQUEST:
        return errors.ErrorDocument(content.encode(), status)
    return HttpResponse(content, status=status, content_type=JSON)


def _digest_of(request: ApiRequest) -> bytes:
    """A digest of what is asked: however the body is laid out, the same document is the same."""
    document = getattr(request, "document", None)
    return _digest(json.dumps([request.method, request.get_full_path(), document], sort_keys=True))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
