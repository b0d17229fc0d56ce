"""The JSON around everything the API answers: `data`, `links`, `meta`; names in camelCase."""

from __future__ import annotations

import datetime as dt
from enum import Enum  # noqa: TC003  (read when a class is made)
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID  # noqa: TC003  (read when a class is made)

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

MAX_PAGE_SIZE = 100

# A JSON object as it is answered: names in camelCase, ids and times as text.
Document = dict[str, Any]

Type = TypeVar("Type")
Attributes = TypeVar("Attributes")
Item = TypeVar("Item")
Meta = TypeVar("Meta")


def in_utc(moment: dt.datetime) -> str:
    """The moment as the contract writes it: ISO 8601 with the offset `+00:00`.

    One without a zone is taken for UTC, as a database without zones keeps it.
    """
    if moment.tzinfo is None:
        return f"{moment.isoformat(timespec='microseconds')}+00:00"
    if moment.tzinfo is not dt.UTC:
        moment = moment.astimezone(dt.UTC)
    return moment.isoformat(timespec="microseconds")


def one_of(choices: type[Enum]) -> WithJsonSchema:
    """Annotates a text that is a value of `choices`."""
    return WithJsonSchema({"type": "string", "enum": [choice.value for choice in choices]})


Timestamp = Annotated[
    dt.datetime,
    PlainSerializer(in_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Shape(BaseModel):
    """A JSON object of the contract; in Python its names are snake_case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Body(Shape):
    """A JSON object that a request sends: what it does not know it refuses by name."""

    model_config = ConfigDict(extra="forbid")


class Resource(Shape, Generic[Type, Attributes]):
    """One thing: its id, its type, its attributes."""

    id: UUID
    type: Type
    attributes: Attributes


class One(Shape, Generic[Item]):
    """The answer that holds one resource."""

    data: Item


class Links(Shape):
    """Relative links of a list; null at its ends."""

    self: str
    next: str | None
    previous: str | None


class PageMeta(Shape):
    """How large a page may be, and how many resources there are."""

    max_size: int = MAX_PAGE_SIZE
    total: int


class ListMeta(Shape):
    page: PageMeta


class Many(Shape, Generic[Item, Meta]):
    """The answer that holds a list of resources."""

    data: list[Item]
    links: Links
    meta: Meta


class Error(Shape):
    """What went wrong."""

    code: str
    title: str
    detail: str
    status: int
    meta: dict[str, Any] | None


class Errors(Shape):
    """The answer of every request that fails."""

    errors: list[Error]
