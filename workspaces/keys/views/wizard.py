"""The wizard: *Generate API key*, *Select scopes*, *Store your API key*.

Each step is a page, and the same fragment in the dialog over the table when htmx asks for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from workspaces.activity import api as activity_api
from workspaces.actor import Permission
from workspaces.automation import api as automation_api
from workspaces.contract.scopes import Scope
from workspaces.directory import api as directory_api
from workspaces.directory.models import Workspace
from workspaces.keys import actions, queries, wizard
from workspaces.keys.forms import GenerateForm, SaveForm, ScopesForm, StoreForm
from workspaces.vaults import api as vaults_api
from workspaces.vaults.queries import vaults_for
from workspaces.web import PageRequest, permitted

from .table import table_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from workspaces.actor import Actor
    from workspaces.contract.operations import Opening
    from workspaces.keys.models import ApiKey
    from workspaces.keys.sessions import SessionStore
    from workspaces.keys.wizard import Draft

ROUTERS = (
    activity_api.router,
    directory_api.router,
    *vaults_api.routers,
    *automation_api.routers,
)
UNPROCESSABLE = 422
GONE = 410
_ONE_THING = re.compile(r"GET /.*\}")


class WizardRequest(PageRequest):
    """A request whose session keeps the drafts."""

    session: SessionStore


@permitted(Permission.OWN_KEYS)
@never_cache
@require_http_methods(["GET", "POST"])
def generate(request: WizardRequest, actor: Actor, draft_id: UUID | None = None) -> HttpResponse:
    """Step 1: name and expiration time; for a new draft, or for one gone back to."""
    try:
        draft = wizard.find(request.session, actor, draft_id) if draft_id else None
    except wizard.DraftGoneError:
        return _gone(request, actor)
    workspace = Workspace.objects.get(pk=actor.workspace_id)
    form = GenerateForm(
        actor, workspace, request.POST or None, initial=_answers(draft) if draft else None
    )
    if request.method == "GET" or not form.is_valid():
        return _step(request, "generate", {"form": form, "draft": draft})
    if draft:
        draft = wizard.change(request.session, actor, draft.id, form.answers())
    else:
        draft = wizard.begin(request.session, actor, form.answers())
    return redirect("keys:wizard_scopes", actor.workspace_slug, draft.id)


@permitted(Permission.OWN_KEYS)
@never_cache
@require_http_methods(["GET", "POST"])
def scopes(request: WizardRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """Step 2: the scopes. Passing it makes the secret that step 3 shows once."""
    try:
        draft = wizard.find(request.session, actor, draft_id)
        form = ScopesForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            wizard.choose_scopes(request.session, actor, draft.id, form.cleaned_data["scopes"])
            return redirect("keys:wizard_store", actor.workspace_slug, draft.id)
    except wizard.DraftGoneError:
        return _gone(request, actor)
    chosen = request.POST.getlist("scopes") if form.is_bound else draft.scopes
    return _step(
        request,
        "scopes",
        {
            "form": form,
            "draft": draft,
            "scopes": [{"scope": scope, "opens": _opened_by(scope)} for scope in Scope],
            "chosen": chosen,
        },
    )


@permitted(Permission.OWN_KEYS)
@never_cache
@require_GET
def store(request: WizardRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """Step 3: the key, shown by this render and by no other."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=503)  # a page that nobody looks at would use the one render up
    try:
        draft, plaintext = wizard.reveal(request.session, actor, draft_id)
    except wizard.DraftGoneError:
        return _gone(request, actor)
    return _store_step(request, actor, draft, plaintext, StoreForm(initial={"issue": draft.issue}))


@permitted(Permission.OWN_KEYS)
@never_cache
@require_POST
def done(request: WizardRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """*Done*: the person has stored the key."""
    form = StoreForm(request.POST)
    if form.is_valid():
        return _finish(
            request, actor, draft_id, form, lambda draft: actions.store_key(actor, draft)
        )
    return _store_again(request, actor, draft_id, form)


@permitted(Permission.OWN_KEYS)
@never_cache
@require_POST
def save(request: WizardRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """*Save in Cerby*: the page that still shows the key sends it back to be sealed in a vault."""
    form = SaveForm(actor, request.POST)
    if not form.is_valid():
        return _store_again(request, actor, draft_id, form)

    def save_in_vault(draft: Draft) -> ApiKey:
        if not wizard.matches(draft, form.cleaned_data["key"]):
            raise ValidationError(
                "This is not the key that was generated, so it was not saved. "
                "Go back to Select scopes to generate it anew.",
                code="wrong_key",
            )
        return actions.save_key_in_vault(
            actor, draft, form.cleaned_data["key"], form.cleaned_data["vault"]
        )

    return _finish(request, actor, draft_id, form, save_in_vault)


@permitted(Permission.OWN_KEYS)
@require_POST
def cancel(request: WizardRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """Drop the draft: no key was made, and nothing of it is kept."""
    wizard.drop(request.session, draft_id)
    if request.htmx:
        return trigger_client_event(HttpResponse(), "dialog:close")
    return redirect("keys:table", actor.workspace_slug)


def _finish(
    request: WizardRequest,
    actor: Actor,
    draft_id: UUID,
    form: StoreForm | SaveForm,
    make: Callable[[Draft], ApiKey],
) -> HttpResponse:
    try:
        # The draft leaves the session in the transaction that makes the key: both or neither.
        with request.session.drafts() as drafts:
            draft = wizard.take(drafts, actor, draft_id, form.cleaned_data["issue"])
            draft.name = form.cleaned_data["name"] or draft.name
            key = make(draft)
    except wizard.DraftGoneError:
        stored = queries.stored_from_draft(actor, draft_id)
        return _stored(request, actor, stored) if stored else _gone(request, actor)
    except wizard.SupersededError:
        return _gone(request, actor, superseded=True)
    except wizard.NotShownError:
        return redirect("keys:wizard_store", actor.workspace_slug, draft_id)
    except ValidationError as error:
        form.add_error(None, error)
        return _store_again(request, actor, draft_id, form)
    return _stored(request, actor, key)


def _stored(request: WizardRequest, actor: Actor, key: ApiKey) -> HttpResponse:
    said = f"“{key.name}” is active."
    if not request.htmx:
        messages.success(request, said)
        table = reverse("keys:table", args=[actor.workspace_slug])
        return HttpResponseRedirect(f"{table}#key-{key.id}")
    response = render(request, "keys/table/_tab.html", table_context(actor, {}))
    retarget(response, "#api-keys")
    reswap(response, "innerHTML")
    trigger_client_event(response, "dialog:close", {"focus": f"#key-{key.id}"}, after="settle")
    return trigger_client_event(response, "notice", {"text": said})


def _store_again(
    request: WizardRequest, actor: Actor, draft_id: UUID, form: StoreForm | SaveForm
) -> HttpResponse:
    """Step 3 with what is wrong said. It shows the key again only if the page sent it back."""
    try:
        draft = wizard.find(request.session, actor, draft_id)
    except wizard.DraftGoneError:
        return _gone(request, actor)
    if not draft.issue:
        return _gone(request, actor)
    sent = form.data.get("key", "")
    plaintext = sent if wizard.matches(draft, sent) else None
    return _store_step(request, actor, draft, plaintext, form)


def _store_step(
    request: WizardRequest,
    actor: Actor,
    draft: Draft,
    plaintext: str | None,
    form: StoreForm | SaveForm,
) -> HttpResponse:
    return _step(
        request,
        "store",
        {
            "form": form,
            "draft": draft,
            "plaintext": plaintext,
            "vaults": list(vaults_for(actor)),
            "name_taken": form.has_error("__all__", code="name_taken"),
            "key_url": request.build_absolute_uri("/api/v1/key"),
        },
    )


def _step(
    request: WizardRequest, step: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    form = context.get("form")
    if form is not None and form.is_bound:
        status = UNPROCESSABLE
    fragment = "_" if request.htmx else ""
    return render(request, f"keys/wizard/{fragment}{step}.html", context, status=status)


def _gone(request: WizardRequest, actor: Actor, *, superseded: bool = False) -> HttpResponse:
    context = {"superseded": superseded, "workspace_slug": actor.workspace_slug}
    return _step(request, "gone", context, status=GONE)


def _opened_by(scope: Scope) -> list[Opening]:
    """The API's operations that the scope opens; reading one thing goes with reading the list."""
    found = [opening for router in ROUTERS for opening in router.opened_by(scope)]
    return [opening for opening in found if not _ONE_THING.fullmatch(opening.operation)]


def _answers(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "expiration": draft.expiration.value,
        "custom_expiry": draft.custom_expiry,
    }
