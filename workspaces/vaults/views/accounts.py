"""The pages of accounts: the list, one account, a new one, and its password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from workspaces.actor import Permission
from workspaces.vaults import actions, queries
from workspaces.vaults.forms import AccountForm, AccountSearchForm, PasswordForm
from workspaces.vaults.models import Account, Role
from workspaces.web import permitted

from . import sharing

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.vaults.queries.visibility import SharedAccount
    from workspaces.web import PageRequest

PAGE_SIZE = 25
LIST, FRAGMENT = "vaults/accounts/list/page.html", "vaults/accounts/list/_accounts.html"


@permitted(Permission.READ_ITEMS)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The accounts that the actor shares, by their labels."""
    form = AccountSearchForm(request.GET)
    found, total = queries.listed(actor, Account, form.wanted)
    page = queries.page_of(found.order_by("label", "id"), total, PAGE_SIZE, request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "is_filtered": form.is_filtered,
        "has_accounts": form.is_filtered or total > 0,
        "may_create": actor.may(Permission.CREATE_ITEMS),
    }
    return render(request, FRAGMENT if request.htmx else LIST, context)


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PageRequest, actor: Actor) -> HttpResponse:
    """A new account, which only its creator sees at first."""
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = actions.create_account(actor, **form.cleaned_data)
        messages.success(request, f"“{account.label}” is added. Only you can see it so far.")
        return redirect(sharing.page_url(actor, account))
    return _form_page(request, "vaults/accounts/form/page.html", {"form": form})


@permitted(Permission.READ_ITEMS)
@require_safe
def detail(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """One account: everything but its password."""
    return _page(request, actor, _find(actor, pk))


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """What is said of the account."""
    account = _owned(actor, pk)
    form = AccountForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        changed = actions.update_account(actor, account, **form.cleaned_data)
        messages.success(request, f"“{changed.label}” is changed.")
        return redirect(sharing.page_url(actor, changed))
    context = {"form": form, "account": Account.objects.get(pk=pk)}
    return _form_page(request, "vaults/accounts/form/page.html", context)


@permitted(Permission.CREATE_ITEMS)
@require_POST
def switch(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Disable the account, or enable it again."""
    account = _owned(actor, pk)
    try:
        changed = actions.set_account_status(actor, account, request.POST.get("status", ""))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"“{changed.label}” is {changed.status}.")
    return redirect(sharing.page_url(actor, account))


@permitted(Permission.READ_ITEMS)
@require_POST
def password(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """The password, in this one answer, which no cache keeps."""
    account = _owned(actor, pk)
    read = actions.read_password(actor, account.pk)
    if read is None:
        raise Http404
    if request.htmx:
        context = {"account": account, "password": read[1], "may_read": True}
        return render(request, "vaults/accounts/detail/_password.html", context)
    return _page(request, actor, account, password=read[1])


@permitted(Permission.READ_ITEMS)
@require_POST
def login(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """On to the application's own sign-in; that one went there is recorded.

    By htmx alone: the policy of this site's pages lets no form lead to another site. Whoever comes
    without it is led back to the account's page, where the link is, and nothing is recorded.
    """
    account = _find(actor, pk)
    if not account.url:
        raise Http404
    if not request.htmx:
        return redirect(sharing.page_url(actor, account))
    actions.record_login(actor, account.pk)
    return HttpResponseClientRedirect(account.url)


@permitted(Permission.CREATE_ITEMS)
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """A password in place of the one before, or the first."""
    account = _owned(actor, pk)
    form = PasswordForm(actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            actions.set_password(actor, account, wanted["password"], wanted["vault"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"The password of “{account.label}” is kept.")
            return redirect(sharing.page_url(actor, account))
    context = {"form": form, "account": account}
    return _form_page(request, "vaults/accounts/password/page.html", context)


def _find(actor: Actor, pk: UUID) -> SharedAccount:
    found = queries.accounts_for(actor).select_related("created_by", "updated_by", "last_login_by")
    return get_object_or_404(found, pk=pk)


def _owned(actor: Actor, pk: UUID) -> SharedAccount:
    account = _find(actor, pk)
    if account.role != Role.OWNER:
        raise PermissionDenied
    return account


def _page(request: PageRequest, actor: Actor, account: SharedAccount, **more: Any) -> HttpResponse:
    owns = account.role == Role.OWNER
    may_change = owns and actor.may(Permission.CREATE_ITEMS)
    context = {
        "account": account,
        "may_read": owns and account.status == Account.Status.ENABLED,
        "collections": queries.collections_of(actor, account),
        **sharing.context_of(actor, account, may_change=may_change),
        **more,
    }
    return render(request, "vaults/accounts/detail/page.html", context)


def _form_page(request: PageRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)
