"""The API keys tab: the table of a workspace's keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workspaces.actor import Permission
from workspaces.keys import policy, queries
from workspaces.keys.forms import TableForm
from workspaces.web import permitted

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from workspaces.actor import Actor
    from workspaces.keys.models import ApiKey
    from workspaces.web import PageRequest

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Row:
    """A key in the table, with what the actor may do to it."""

    key: ApiKey
    may_see_details: bool
    may_remove: bool
    may_disable: bool
    may_enable: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A head of the table. `sort` is what a click on it asks for, empty where it cannot."""

    label: str
    sort: str = ""
    css: str = ""
    direction: str = ""

    def sorted_by(self, sort: str) -> Column:
        """The head as it reads while the table is sorted by `sort`: a click then reverses it."""
        if not self.sort or sort.removeprefix("-") != self.sort:
            return self
        if sort == self.sort:
            return replace(self, sort=f"-{self.sort}", direction="ascending")
        return replace(self, direction="descending")


COLUMNS = [
    Column("API key name", "name"),
    Column("Created on", "created", "table__low"),
    Column("By"),
    Column("Scopes", css="table__lower"),
    Column("Last used", "last_used", "table__low"),
    Column("Expires", "expires"),
    Column("Status"),
]


@permitted(Permission.SEE_KEYS)
@require_GET
def table(request: PageRequest, actor: Actor) -> HttpResponse:
    """The table, or under htmx its rows alone."""
    template = "keys/table/_table.html" if request.htmx else "keys/table/page.html"
    return render(request, template, table_context(actor, request.GET))


def table_context(actor: Actor, asked: QueryDict | dict[str, str]) -> dict[str, Any]:
    """What the table's templates read: in four queries, however many keys there are."""
    form = TableForm(asked)
    wanted = form.wanted()
    page = Paginator(queries.ids(actor, **wanted), PAGE_SIZE).get_page(asked.get("page"))
    keys = queries.keys_of(actor).in_bulk(list(page))
    is_filtered = bool(wanted["search"]) or wanted["status"] != queries.LIVING
    return {
        "form": form,
        "wanted": wanted,
        "page": page,
        "rows": [row(actor, keys[pk]) for pk in page],
        "columns": [column.sorted_by(wanted["sort"]) for column in COLUMNS],
        "is_filtered": is_filtered,
        "has_keys": bool(page.object_list) or queries.keys_of(actor).exists(),
        "may_own": actor.may(Permission.OWN_KEYS),
    }


def row(actor: Actor, key: ApiKey) -> Row:
    """The key with what the actor may do to it at this moment."""
    state = key.state
    return Row(
        key=key,
        may_see_details=policy.may_see_details(actor, key),
        may_remove=state != key.Status.REMOVED and policy.may_remove(actor, key),
        may_disable=state == key.Status.ACTIVE and policy.may_disable(actor, key),
        may_enable=state == key.Status.DISABLED and policy.may_disable(actor, key),
    )
