"""A page of a walk, in the contract's envelope."""

from collections.abc import Callable

from django.http import HttpRequest

from workspaces.contract.envelope import Document
from workspaces.contract.paging import Page, page_of
from workspaces.vaults.queries.walks import Row, Walk


def walked(
    request: HttpRequest, page: Page, walk: Walk[Row], show: Callable[[Row], Document]
) -> Document:
    """One page of the walk, each row as `show` makes a resource of it."""
    rows, total = walk.page(page.number, page.size)
    return page_of(request, page, map(show, rows), total)
