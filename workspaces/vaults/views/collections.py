"""The pages of collections: the list, one collection, a new one, and what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workspaces.actor import Permission
from workspaces.vaults import actions, queries
from workspaces.vaults.forms import CollectionForm, SearchForm
from workspaces.vaults.models import Account, Collection, Secret
from workspaces.web import permitted

from . import sharing

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.vaults.queries.visibility import SharedCollection
    from workspaces.web import PageRequest

PAGE_SIZE = 25
OFFERED = 20
LIST, FRAGMENT = "vaults/collections/list/page.html", "vaults/collections/list/_collections.html"


@permitted(Permission.READ_ITEMS)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The collections of which the actor holds a role, by their names."""
    form = SearchForm(request.GET)
    wanted = form.cleaned_data["q"] if form.is_valid() else ""
    found = queries.collections_in_places(actor).filter(name__icontains=wanted)
    total = queries.remembered_total(actor, found)
    page = queries.page_of(found.order_by("name", "id"), total, PAGE_SIZE, request.GET.get("page"))
    context = {
        "page": page,
        "wanted": wanted,
        "has_collections": bool(wanted or total),
        "may_create": actor.may(Permission.CREATE_ITEMS),
    }
    return render(request, FRAGMENT if request.htmx else LIST, context)


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PageRequest, actor: Actor) -> HttpResponse:
    """A new collection, perhaps inside another one."""
    inside = {"parent": request.GET.get("parent")}
    form = CollectionForm(actor, request.POST or None, initial=inside)
    if request.method == "POST" and form.is_valid():
        try:
            collection = actions.create_collection(actor, **form.wanted)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"“{collection.name}” is made. Only you share it so far.")
            return redirect(sharing.page_url(actor, collection))
    return _form_page(request, {"form": form})


@permitted(Permission.READ_ITEMS)
@require_safe
def detail(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """One collection: what is in it, what is below it, and who shares it."""
    collection = _find(actor, pk)
    inside = queries.items_of(actor, collection)
    page = queries.page_of(inside, inside.count(), PAGE_SIZE, request.GET.get("page"))
    may_change = collection.is_owner and actor.may(Permission.CREATE_ITEMS)
    context = {
        "collection": collection,
        "page": page,
        "subcollections": queries.collections_for(actor).filter(parent=pk).order_by("name", "id"),
        "parent": queries.collections_for(actor).filter(subcollections=pk).first(),
        **sharing.context_of(actor, collection, may_change=may_change),
    }
    return render(request, "vaults/collections/detail/page.html", context)


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Another name, or another place in the tree."""
    collection = _owned(actor, pk)
    told = {"name": collection.name, "parent": collection.parent_id}
    form = CollectionForm(actor, request.POST or None, initial=told, collection=collection)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_collection(actor, collection, **form.wanted)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"“{form.cleaned_data['name']}” is changed.")
            return redirect(sharing.page_url(actor, collection))
    return _form_page(request, {"form": form, "collection": collection})


@permitted(Permission.CREATE_ITEMS)
@require_POST
def switch(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Disable the collection, or enable it again."""
    collection: Collection = _owned(actor, pk)
    try:
        status = request.POST.get("status", "")
        collection = actions.set_collection_status(actor, collection, status)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"“{collection.name}” is {collection.status}.")
    return redirect(sharing.page_url(actor, collection))


@permitted(Permission.CREATE_ITEMS)
@require_safe
def offer(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """What could be put in: the actor's own accounts and secrets, by their names."""
    collection = _owned(actor, pk)
    form = SearchForm(request.GET)
    wanted = form.cleaned_data["q"] if form.is_valid() else ""
    context = {
        "collection": collection,
        "wanted": wanted,
        "accounts": queries.outside(actor, collection, Account)
        .filter(label__icontains=wanted)
        .order_by("label", "id")[:OFFERED],
        "secrets": queries.outside(actor, collection, Secret)
        .filter(title__icontains=wanted)
        .order_by("title", "id")[:OFFERED],
        "page_url": sharing.page_url(actor, collection),
    }
    template = "_items.html" if request.htmx else "page.html"
    return render(request, f"vaults/collections/add/{template}", context)


@permitted(Permission.CREATE_ITEMS)
@require_POST
def add(request: PageRequest, actor: Actor, pk: UUID, kind: str, item_id: UUID) -> HttpResponse:
    """Put an account or a secret in."""
    collection = _owned(actor, pk)
    model: Any = {"account": Account, "secret": Secret}[kind]
    item = get_object_or_404(queries.owned(actor, model), pk=item_id)
    actions.add_item(actor, collection, item)
    messages.success(request, f"“{item}” is in “{collection.name}”.")
    return redirect("collections:offer", actor.workspace_slug, collection.pk)


@permitted(Permission.CREATE_ITEMS)
@require_POST
def remove(request: PageRequest, actor: Actor, pk: UUID, entry_id: int) -> HttpResponse:
    """Take an account or a secret out."""
    collection = _owned(actor, pk)
    entry = get_object_or_404(collection.items, pk=entry_id)
    actions.remove_item(actor, entry)
    messages.success(request, f"“{entry.item}” is no longer in “{collection.name}”.")
    return redirect(sharing.page_url(actor, collection))


def _find(actor: Actor, pk: UUID) -> SharedCollection:
    found = queries.collections_for(actor).select_related("created_by", "updated_by")
    return get_object_or_404(found, pk=pk)


def _owned(actor: Actor, pk: UUID) -> SharedCollection:
    collection = _find(actor, pk)
    if not collection.is_owner:
        raise PermissionDenied
    return collection


def _form_page(request: PageRequest, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, "vaults/collections/form/page.html", context, status=status)
