"""One API key: its details, its scopes, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from workspaces.actor import Permission
from workspaces.contract.scopes import Scope, effective
from workspaces.keys import actions, policy, queries
from workspaces.keys.forms import LimitForm
from workspaces.keys.models import ApiKey
from workspaces.web import permitted

from .table import row

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from workspaces.actor import Actor
    from workspaces.web import PageRequest

UNPROCESSABLE = 422


@permitted(Permission.SEE_KEYS)
@require_GET
def settings(request: PageRequest, actor: Actor, key_id: UUID) -> HttpResponse:
    """*API key settings*: what the key is, and its scopes."""
    key = _find(actor, key_id)
    if not policy.may_see_details(actor, key):
        raise PermissionDenied
    fragment = "_" if request.htmx else ""
    return render(request, f"keys/details/{fragment}settings.html", _context(actor, key))


@permitted(Permission.SEE_KEYS)
@require_POST
def switch_scope(request: PageRequest, actor: Actor, key_id: UUID) -> HttpResponse:
    """Switch one scope on or off."""
    key = _find(actor, key_id)
    scope = next((each for each in Scope if each == request.POST.get("scope")), None)
    if scope is None:
        raise Http404
    on = request.POST.get("on") == "true"
    try:
        actions.switch_scope(actor, key, scope, on=on)
    except ValidationError as error:
        return _scopes_answer(request, actor, key, error=error.messages[0])
    said = f"{scope.label} is switched {'on' if on else 'off'} for “{key.name}”."
    return _scopes_answer(request, actor, key, said=said)


@permitted(Permission.SEE_KEYS)
@require_POST
def limit(request: PageRequest, actor: Actor, key_id: UUID) -> HttpResponse:
    """Hold the key to fewer requests a minute than the workspace gives, or no longer."""
    key = _find(actor, key_id)
    form = LimitForm(key.workspace, request.POST)
    if not form.is_valid():
        fragment = "_limit" if request.htmx else "settings"
        context = {**_context(actor, key), "limit_form": form}
        return render(request, f"keys/details/{fragment}.html", context, status=UNPROCESSABLE)
    limit = form.cleaned_data["requests_per_minute"]
    actions.limit_key(actor, key, limit)
    said = f"“{key.name}” may make {limit or key.workspace.requests_per_minute} requests a minute."
    if not request.htmx:
        messages.success(request, said)
        return redirect("keys:settings", actor.workspace_slug, key.id)
    response = render(request, "keys/details/_limit.html", _context(actor, _find(actor, key.id)))
    return trigger_client_event(response, "notice", {"text": said})


@permitted(Permission.SEE_KEYS)
@require_http_methods(["GET", "POST"])
def delete(request: PageRequest, actor: Actor, key_id: UUID) -> HttpResponse:
    """*Delete API key?*, and the deletion: the key stops at once, its row stays."""
    key = _find(actor, key_id)
    if request.method == "POST":
        actions.remove_key(actor, key)
        return _row_answer(
            request, actor, key, f"“{key.name}” is removed. It opens nothing any more."
        )
    if not policy.may_remove(actor, key):
        raise PermissionDenied
    fragment = "_" if request.htmx else ""
    return render(request, f"keys/details/{fragment}delete.html", {"key": key})


@permitted(Permission.SEE_KEYS)
@require_POST
def disable(request: PageRequest, actor: Actor, key_id: UUID) -> HttpResponse:
    key = _find(actor, key_id)
    if actions.disable_key(actor, key).state == ApiKey.Status.DISABLED:
        return _row_answer(
            request, actor, key, f"“{key.name}” is disabled until someone enables it."
        )
    return _row_answer(request, actor, key, f"“{key.name}” had stopped already.")


@permitted(Permission.SEE_KEYS)
@require_POST
def enable(request: PageRequest, actor: Actor, key_id: UUID) -> HttpResponse:
    key = _find(actor, key_id)
    if actions.enable_key(actor, key).state == ApiKey.Status.ACTIVE:
        return _row_answer(request, actor, key, f"“{key.name}” works again.")
    return _row_answer(request, actor, key, f"“{key.name}” has ended: it stays as it is.")


def _find(actor: Actor, key_id: UUID) -> ApiKey:
    key = queries.find_key(actor, key_id)
    if key is None:
        raise Http404
    return key


def _context(actor: Actor, key: ApiKey) -> dict[str, Any]:
    held = frozenset(key.scopes)
    return {
        "key": key,
        "row": row(actor, key),
        "limit_form": _limit_form(actor, key),
        "may_change_scopes": policy.may_change_scopes(actor, key),
        "scopes": [
            {"scope": scope, "on": scope in held, "included": scope in effective(held) - held}
            for scope in Scope
        ],
    }


def _limit_form(actor: Actor, key: ApiKey) -> LimitForm:
    form = LimitForm(key.workspace, initial={"requests_per_minute": key.requests_per_minute})
    form.fields["requests_per_minute"].disabled = not policy.may_limit(actor, key)
    return form


def _scopes_answer(
    request: PageRequest, actor: Actor, key: ApiKey, *, said: str = "", error: str = ""
) -> HttpResponse:
    if request.htmx:
        context = {**_context(actor, _find(actor, key.id)), "error": error}
        response = render(request, "keys/details/_scopes.html", context)
        return trigger_client_event(response, "notice", {"text": said}) if said else response
    if error:
        messages.error(request, error)
    else:
        messages.success(request, said)
    return redirect("keys:settings", actor.workspace_slug, key.id)


def _row_answer(request: PageRequest, actor: Actor, key: ApiKey, said: str) -> HttpResponse:
    """The key's row as it is now: it stays in sight, though the table's filter may leave it out."""
    if not request.htmx:
        messages.success(request, said)
        return redirect(f"{_table_url(actor)}?status=all#key-{key.id}")
    context = {"row": row(actor, _find(actor, key.id))}
    response = render(request, "keys/table/_row.html", context)
    retarget(response, f"#key-{key.id}")
    reswap(response, "outerHTML")
    trigger_client_event(response, "dialog:close", {"focus": f"#key-{key.id}"}, after="settle")
    return trigger_client_event(response, "notice", {"text": said})


def _table_url(actor: Actor) -> str:
    return reverse("keys:table", args=[actor.workspace_slug])
