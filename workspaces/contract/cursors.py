"""Reading on from a place in a list that grows at its head, where pages would shift."""

import base64
import binascii
import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from .envelope import ListMeta, Shape

_FORM = re.compile(rb"before:([1-9][0-9]{0,17})")


def cursor_before(sequence: int) -> str:
    """The opaque text by which a consumer reads on below `sequence`."""
    return base64.urlsafe_b64encode(b"before:%d" % sequence).decode("ascii").rstrip("=")


def _read(value: object) -> int:
    try:
        text = str(value)
        form = _FORM.fullmatch(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        form = None
    if form is None:
        raise PydanticCustomError("cursor", "Send a cursor as meta.cursor.next gave it")
    return int(form[1])


Cursor = Annotated[int, PlainValidator(_read), WithJsonSchema({"type": "string"})]


class Next(Shape):
    """Where to read on; null at the end."""

    next: str | None


class CursorMeta(ListMeta):
    """Besides pages, a cursor that stays exact while rows arrive."""

    cursor: Next
