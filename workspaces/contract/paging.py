"""Lists in pages: `page[number]`, `page[size]`, and the links from one page to the next."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, TypeVar
from urllib.parse import quote, urlencode

from django.http import HttpRequest
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from .envelope import MAX_PAGE_SIZE, Document, Shape
from .reading import Rows

DEFAULT_PAGE_SIZE = 25
NUMBER = "page[number]"
SIZE = "page[size]"
_NUMBER, _SIZE = quote(NUMBER), quote(SIZE)

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")

Row = TypeVar("Row")


def _plain_integer(value: object) -> object:
    """Refuse what only Python takes for a whole number: ` 1`, `1_000`, `1.0`, `٣`."""
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        raise PydanticCustomError("int_parsing", "Input should be a whole number, in digits")
    return value


Integer = Annotated[int, BeforeValidator(_plain_integer)]


class Page(Shape):
    """The page that a request asks for."""

    number: Integer = Field(1, ge=1, alias="page[number]", description="The page, counted from 1.")
    size: Integer = Field(
        DEFAULT_PAGE_SIZE,
        ge=1,
        le=MAX_PAGE_SIZE,
        alias="page[size]",
        description="How many resources a page holds.",
    )


def paged(
    request: HttpRequest, page: Page, rows: Rows[Row], show: Callable[[Row], object]
) -> Document:
    """One page of `rows`, which are in order, each as `show` makes a resource of it."""
    total = rows.count()
    return page_of(request, page, map(show, rows_of(page, rows, total)), total)


def paged_whole(request: HttpRequest, page: Page, items: Sequence[object]) -> Document:
    """One page of a short list that is in memory already."""
    start = (page.number - 1) * page.size
    return page_of(request, page, items[start : start + page.size], len(items))


def page_of(request: HttpRequest, page: Page, items: Iterable[object], total: int) -> Document:
    """The page that holds these resources, of `total`."""
    return {
        "data": list(items),
        "links": links(request, page, total),
        "meta": {"page": {"maxSize": MAX_PAGE_SIZE, "total": total}},
    }


def rows_of(page: Page, rows: Rows[Row], total: int) -> Iterable[Row]:
    """The rows of the page; beyond the end none, however large its number."""
    start = (page.number - 1) * page.size
    # Not asked of the database: it cannot count as far as a consumer can write.
    return rows[start : start + page.size] if start < total else ()


def links(request: HttpRequest, page: Page, total: int) -> dict[str, str | None]:
    """The page's own address and those of its neighbours."""
    last = max(1, -(-total // page.size))
    kept = _kept(request, (NUMBER, SIZE))

    def to(number: int) -> str:
        return f"{request.path}?{_NUMBER}={number}&{_SIZE}={page.size}{kept}"

    return {
        "self": to(page.number),
        "next": to(page.number + 1) if page.number < last else None,
        "previous": to(min(page.number - 1, last)) if page.number > 1 else None,
    }


def link(request: HttpRequest, changes: Mapping[str, object]) -> str:
    """The request's own address with `changes` made to its query, relative to the host."""
    return f"{request.path}?{_encoded(changes)}{_kept(request, changes)}"


def _kept(request: HttpRequest, changed: Collection[str]) -> str:
    """What of the request's query goes on in a link that changes these parameters."""
    kept = {name: value for name, value in request.GET.items() if name not in changed}
    return f"&{_encoded(kept)}" if kept else ""


def _encoded(query: Mapping[str, object]) -> str:
    return urlencode(query, quote_via=quote)
