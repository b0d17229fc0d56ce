"""A page of a walk, in the contract's envelope."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from django.http import HttpRequest

from workspaces.contract.envelope import ListMeta, Many, PageMeta
from workspaces.contract.paging import Page, links
from workspaces.vaults.queries.walks import Walk

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
Document = TypeVar("Document", bound=Many[Any, ListMeta])


def walked(
    request: HttpRequest,
    page: Page,
    walk: Walk[Row],
    show: Callable[[Row], Item],
    document: type[Document],
) -> Document:
    """One page of the walk, each row as `show` renders it."""
    rows, total = walk.page(page.number, page.size)
    return document(
        data=[show(row) for row in rows],
        links=links(request, page, total),
        meta=ListMeta(page=PageMeta(total=total)),
    )
