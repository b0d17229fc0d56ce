"""Reading on from a place in a list that grows at its head, where pages would shift."""

import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from .envelope import ListMeta, Shape

# A sequence in 63 bits: every text of this form can be asked for.
FORM = r"^[0-7][0-9a-f]{15}$"


def cursor_before(sequence: int) -> str:
    """The opaque text by which a consumer reads on below `sequence`."""
    return f"{sequence:016x}"


def _read(value: object) -> int:
    text = str(value)
    if not re.fullmatch(FORM[1:-1], text):
        raise PydanticCustomError("cursor", "Send a cursor as meta.cursor.next gave it")
    return int(text, 16)


Cursor = Annotated[int, PlainValidator(_read), WithJsonSchema({"type": "string", "pattern": FORM})]


class Next(Shape):
    """Where to read on; null at the end."""

    next: str | None


class CursorMeta(ListMeta):
    """Besides pages, a cursor that stays exact while rows arrive."""

    cursor: Next
