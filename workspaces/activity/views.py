"""The page of what happened in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from workspaces.actor import Permission
from workspaces.web import permitted

from . import queries
from .forms import FilterForm
from .wording import details_of, event_label

if TYPE_CHECKING:
    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.web import PageRequest

PAGE_SIZE = 50


@permitted(Permission.READ_ACTIVITIES)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The activities, newest first."""
    form = FilterForm(actor, request.GET)
    wanted = form.wanted()
    pages = Paginator(queries.activities(actor, wanted), PAGE_SIZE)
    pages.count = queries.total(actor, wanted)
    page = pages.get_page(request.GET.get("page"))
    rows = [(activity, event_label(activity.event), details_of(activity)) for activity in page]
    return render(
        request,
        "activity/list/_activities.html" if request.htmx else "activity/list/page.html",
        {"form": form, "page": page, "rows": rows},
    )
