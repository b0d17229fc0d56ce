"""What is done to accounts, and what each deed needs, changes and records."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.factories import (
    AccountFactory,
    AccountShareFactory,
    MemberFactory,
    VaultFactory,
)
from workspaces.activity.models import Activity
from workspaces.directory.queries import actor_for, system_actor
from workspaces.directory.roles import Role
from workspaces.sealing.envelope import CannotUnsealError
from workspaces.vaults import actions
from workspaces.vaults.models import Account, AccountPassword, AccountShare, Vault

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace, role=Role.USER)


@pytest.fixture
def account(owner):
    return AccountFactory(owner=owner, label="Design team")


@pytest.fixture
def vault(owner):
    return VaultFactory(workspace=owner.workspace)


def last(workspace):
    return Activity.objects.filter(workspace_id=workspace.id).latest("sequence")


def read(member, account):
    found = actions.read_password(actor_for(member), account.id)
    return found and found[1]


# Made and changed


def test_who_adds_an_account_owns_it(owner, account):
    share = AccountShare.objects.get(item=account)
    assert (share.member, share.role) == (owner, "owner")
    activity = last(owner.workspace)
    assert (activity.event, activity.details) == ("ACCOUNT_CREATED", {"application": "Figma"})


@pytest.mark.parametrize(
    ("url", "domain"),
    [("", ""), ("https://www.figma.com/login", "figma.com"), ("http://[::1]:8000/", "::1")],
)
def test_the_domain_is_that_of_the_url(owner, url, domain):
    assert AccountFactory(owner=owner, url=url).domain == domain


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("application", ""),
        ("application", "Figma, Slack"),
        ("label", "  "),
        ("label", "Sla\u202eck"),
        ("label", "x" * 201),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://files.example/"),
        ("email", "no address"),
        ("phone", "call me"),
        ("mfa_types", ["otp", "otp"]),
        ("mfa_types", ["pigeon"]),
        ("mfa_types", "otp"),
    ],
)
def test_what_is_amiss_in_an_account_is_named_and_nothing_is_kept(owner, field, value):
    with pytest.raises(ValidationError) as refusal:
        AccountFactory(owner=owner, **{field: value})
    assert list(refusal.value.message_dict) == [field]
    assert not Account.objects.exists()


def test_what_is_no_fact_of_an_account_is_not_set(owner):
    with pytest.raises(TypeError, match="status"):
        AccountFactory(owner=owner, status="disabled")


@pytest.mark.parametrize("role", [Role.GUEST, Role.LOGIN_ONLY])
def test_guests_add_no_account(owner, role):
    guest = MemberFactory(workspace=owner.workspace, role=role)
    with pytest.raises(PermissionDenied):
        AccountFactory(owner=guest)
    assert not Account.objects.exists()


def test_the_system_owns_no_account(owner):
    with pytest.raises(PermissionDenied):
        actions.create_account(system_actor(owner.workspace), application="Figma", label="x")
    assert not Account.objects.exists()


def test_a_change_tells_what_it_changed(owner, account):
    actions.update_account(actor_for(owner), account, label="Studio", application="Figma")
    assert last(owner.workspace).details == {
        "changes": {"label": {"from": "Design team", "to": "Studio"}}
    }


def test_no_change_leaves_no_trace(owner, account):
    actions.update_account(actor_for(owner), account, label="Design team")
    assert last(owner.workspace).event == "ACCOUNT_CREATED"


def test_a_collaborator_changes_nothing(owner, teammate, account, vault):
    AccountShareFactory(item=account, member=teammate)
    actor = actor_for(teammate)
    for attempt in (
        lambda: actions.update_account(actor, account, label="Mine"),
        lambda: actions.set_account_status(actor, account, "disabled"),
        lambda: actions.set_password(actor, account, "mine", vault),
        lambda: actions.share(actor, account, MemberFactory(workspace=owner.workspace), "owner"),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    account.refresh_from_db()
    assert (account.label, account.status, account.password_set) == (
        "Design team",
        "enabled",
        False,
    )
    assert account.shares.count() == 2


def test_an_account_is_disabled_and_enabled_once_each(owner, account):
    for status in ("disabled", "disabled", "enabled"):
        actions.set_account_status(actor_for(owner), account, status)
    events = Activity.objects.filter(target_id=str(account.id)).order_by("sequence")
    assert list(events.values_list("event", flat=True)) == [
        "ACCOUNT_CREATED",
        "ACCOUNT_DISABLED",
        "ACCOUNT_ENABLED",
    ]


# The password


def test_a_password_is_read_as_it_was_set(owner):
    account = AccountFactory(owner=owner, password=" p\u00e4ss w\u00f6rd ")
    assert read(owner, account) == " p\u00e4ss w\u00f6rd "
    assert last(owner.workspace).event == "ACCOUNT_PASSWORD_REQUESTED"


def test_a_new_password_takes_the_place_of_the_old_one(owner, account, vault):
    actor = actor_for(owner)
    actions.set_password(actor, account, "old", vault)
    stolen = AccountPassword.objects.get().sealed_value
    actions.set_password(actor, account, "new", vault)
    assert read(owner, account) == "new"
    AccountPassword.objects.update(sealed_value=stolen)
    with pytest.raises(CannotUnsealError):
        read(owner, account)


def test_without_a_password_nothing_is_read_or_recorded(owner, account):
    assert read(owner, account) is None
    assert last(owner.workspace).event == "ACCOUNT_CREATED"


def test_a_disabled_account_keeps_its_password(owner):
    account = AccountFactory(owner=owner, password="kept")
    actions.set_account_status(actor_for(owner), account, "disabled")
    assert read(owner, account) is None
    assert last(owner.workspace).event == "ACCOUNT_DISABLED"
    actions.set_account_status(actor_for(owner), account, "enabled")
    assert read(owner, account) == "kept"


@pytest.mark.parametrize("role", ["collaborator", None])
def test_only_owners_read_the_password(owner, teammate, role):
    account = AccountFactory(owner=owner, password="kept")
    if role:
        AccountShareFactory(item=account, member=teammate, role=role)
    with pytest.raises(Account.DoesNotExist):
        read(teammate, account)
    assert last(owner.workspace).event == "ACCOUNT_PASSWORD_UPDATED"


@pytest.mark.parametrize("value", ["", "x" * 4097])
def test_a_password_is_neither_empty_nor_endless(owner, account, vault, value):
    with pytest.raises(ValidationError) as refusal:
        actions.set_password(actor_for(owner), account, value, vault)
    assert list(refusal.value.message_dict) == ["password"]
    assert not AccountPassword.objects.exists()


def test_a_disabled_vault_takes_no_password(owner, account):
    closed = VaultFactory(workspace=owner.workspace, status=Vault.Status.DISABLED)
    with pytest.raises(ValidationError, match="takes no new secrets"):
        actions.set_password(actor_for(owner), account, "x", closed)
    assert not AccountPassword.objects.exists()


# Logins


def test_a_login_of_whoever_shares_the_account_is_noted(owner, teammate, account):
    AccountShareFactory(item=account, member=teammate)
    before = account.updated_at
    actions.record_login(actor_for(teammate), account.id)
    account.refresh_from_db()
    assert (account.last_login_by, account.updated_at) == (teammate.user, before)
    assert last(owner.workspace).event == "ACCOUNT_LOGIN"


def test_nobody_logs_in_to_a_disabled_account_or_one_they_do_not_share(owner, teammate, account):
    with pytest.raises(Account.DoesNotExist):
        actions.record_login(actor_for(teammate), account.id)
    actions.set_account_status(actor_for(owner), account, "disabled")
    with pytest.raises(PermissionDenied):
        actions.record_login(actor_for(owner), account.id)
    account.refresh_from_db()
    assert account.last_login_at is None


# Shared


def test_an_account_is_shared_and_no_longer(owner, teammate, account):
    share = actions.share(actor_for(owner), account, teammate, "owner")
    assert last(owner.workspace).details["role"] == "owner"
    actions.unshare(actor_for(teammate), share)
    assert last(owner.workspace).event == "ACCOUNT_UNSHARED"
    assert [share.member for share in account.shares.all()] == [owner]


def test_who_has_left_meanwhile_is_not_taken_off_again(owner, teammate, account):
    share = AccountShareFactory(item=account, member=teammate)
    teammate.delete()
    actions.unshare(actor_for(owner), share)
    assert last(owner.workspace).event == "ACCOUNT_CREATED"


def test_an_account_keeps_an_owner(owner, account):
    with pytest.raises(ValidationError, match="An account keeps at least one Owner"):
        actions.share(actor_for(owner), account, owner, "collaborator")
    assert account.shares.get().role == "owner"
