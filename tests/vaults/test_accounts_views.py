"""The pages of accounts, for the owner, a collaborator, a teammate and a stranger."""

from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import AccountFactory, AccountShareFactory, MemberFactory, VaultFactory
from workspaces.activity.models import Activity
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.vaults import actions
from workspaces.vaults.models import Account, AccountPassword, AccountShare

pytestmark = pytest.mark.django_db

PASSWORD = "canary-77 & <more>"
ESCAPED = "canary-77 &amp; &lt;more&gt;"
FACTS = {"application": "Slack", "label": "Acme Slack"}


@pytest.fixture
def owner():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace, role=Role.USER)


@pytest.fixture
def account(owner):
    return AccountFactory(owner=owner, label="Design", password=PASSWORD)


@pytest.fixture
def as_owner(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def as_collaborator(client, teammate, account):
    AccountShareFactory(item=account, member=teammate)
    client.force_login(teammate.user)
    return client


def url(member, name, *args):
    return reverse(f"accounts:{name}", args=[member.workspace.slug, *args])


def reads():
    return Activity.objects.filter(event="ACCOUNT_PASSWORD_REQUESTED").count()


# Who gets in


@pytest.mark.parametrize("where", ["detail", "update", "set_password", "share"])
def test_an_account_that_is_not_shared_with_them_is_not_found(
    client, owner, teammate, account, where
):
    client.force_login(teammate.user)
    assert client.get(url(owner, where, account.id)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("where", ["update", "set_password", "share"])
def test_a_collaborator_changes_nothing(as_collaborator, owner, account, where):
    response = as_collaborator.get(url(owner, where, account.id))
    assert response.status_code == HTTPStatus.FORBIDDEN


def test_another_workspaces_account_is_not_found_in_ones_own(client, account):
    stranger = MemberFactory()
    client.force_login(stranger.user)
    assert client.get(url(stranger, "detail", account.id)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("role", "status"), [(Role.GUEST, HTTPStatus.OK), (Role.LOGIN_ONLY, HTTPStatus.FORBIDDEN)]
)
def test_who_may_read_items_sees_the_list(client, owner, role, status):
    member = MemberFactory(workspace=owner.workspace, role=role)
    client.force_login(member.user)
    assert client.get(url(owner, "list")).status_code == status
    assert client.get(url(owner, "create")).status_code == HTTPStatus.FORBIDDEN


# The list


def test_the_list_shows_what_is_shared_with_the_person(as_collaborator, owner):
    AccountFactory(owner=owner, label="Hidden")
    response = as_collaborator.get(url(owner, "list"))
    assertContains(response, "Design")
    assertContains(response, "Collaborator")
    assertNotContains(response, "Hidden")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "desi"}, {"Design"}),
        ({"q": "figma off"}, {"Office"}),
        ({"status": "disabled"}, {"Office"}),
        ({"mfa": "on"}, {"Office"}),
        ({"mfa": "off", "status": "enabled"}, {"Design"}),
        ({"q": "nothing"}, set()),
        ({"status": "unheard of"}, {"Design", "Office"}),
    ],
)
def test_the_list_is_searched_and_filtered(as_owner, owner, query, found):
    other = AccountFactory(owner=owner, label="Office", mfa_enabled=True)
    actions.set_account_status(actor_for(owner), other, "disabled")
    response = as_owner.get(url(owner, "list"), query)
    assert {row.label for row in response.context["page"]} == found


def test_an_empty_list_offers_the_first_step(as_owner, owner):
    assertContains(as_owner.get(url(owner, "list")), url(owner, "create"), count=1)


def test_htmx_gets_the_table_alone(as_owner, owner, account):
    response = as_owner.get(url(owner, "list"), headers={"HX-Request": "true"})
    assertContains(response, account.label)
    assertNotContains(response, "<html")


def test_a_thousand_accounts_take_as_many_queries_as_ten(as_owner, owner):
    def add(count):
        rows = Account.objects.bulk_create(
            Account(
                workspace=owner.workspace,
                application="Figma",
                label=str(number),
                created_by=owner.user,
                updated_by=owner.user,
            )
            for number in range(count)
        )
        AccountShare.objects.bulk_create(
            AccountShare(item=row, member=owner, role="owner") for row in rows
        )

    def queries():
        as_owner.get(url(owner, "list"))
        with CaptureQueriesContext(connection) as captured:
            as_owner.get(url(owner, "list"))
        return len(captured)

    add(10)
    ten = queries()
    add(990)
    assert queries() == ten


# One account, and its password


def test_an_account_is_shown_without_its_password(as_owner, owner, account):
    response = as_owner.get(url(owner, "detail", account.id))
    assertContains(response, "Design")
    assertContains(response, "Show password")
    assertNotContains(response, ESCAPED)
    assert reads() == 0


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_showing_the_password_is_recorded_and_kept_by_nothing(as_owner, owner, account, headers):
    response = as_owner.post(url(owner, "password", account.id), headers=headers)
    assertContains(response, ESCAPED, count=1)
    assertContains(response, 'hx-history="false"')
    assert "no-store" in response["Cache-Control"]
    assert reads() == 1


def test_a_password_is_not_for_get(as_owner, owner, account):
    response = as_owner.get(url(owner, "password", account.id))
    assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert reads() == 0


def test_a_collaborator_does_not_see_the_password(as_collaborator, owner, account):
    page = as_collaborator.get(url(owner, "detail", account.id))
    assertNotContains(page, "Show password")
    response = as_collaborator.post(url(owner, "password", account.id))
    assertNotContains(response, ESCAPED, status_code=HTTPStatus.FORBIDDEN)
    assert reads() == 0


def test_a_disabled_account_shows_no_password(as_owner, owner, account):
    as_owner.post(url(owner, "switch", account.id), {"status": "disabled"})
    assertNotContains(as_owner.get(url(owner, "detail", account.id)), "Show password")
    response = as_owner.post(url(owner, "password", account.id))
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert reads() == 0


def test_a_password_is_set(as_owner, owner, account):
    vault = VaultFactory(workspace=owner.workspace)
    response = as_owner.post(
        url(owner, "set_password", account.id), {"password": " new ", "vault": vault.id}
    )
    assertRedirects(response, url(owner, "detail", account.id))
    _, value = actions.read_password(actor_for(owner), account.id)
    assert value == " new "


def test_a_refused_password_is_not_sent_back(as_owner, owner, account):
    response = as_owner.post(
        url(owner, "set_password", account.id), {"password": PASSWORD, "vault": ""}
    )
    assertNotContains(response, ESCAPED, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert AccountPassword.objects.get().version == 1


def test_going_to_sign_in_is_noted_on_the_way(as_collaborator, owner, teammate, account):
    Account.objects.update(url="https://figma.example/login")
    assertContains(as_collaborator.get(url(owner, "detail", account.id)), "Log in")
    response = as_collaborator.post(url(owner, "login", account.id), headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "https://figma.example/login"
    account.refresh_from_db()
    assert account.last_login_by == teammate.user


def test_without_htmx_the_sign_in_leads_back_to_the_link(as_collaborator, owner, account):
    Account.objects.update(url="https://figma.example/login")
    response = as_collaborator.post(url(owner, "login", account.id))
    assertRedirects(response, url(owner, "detail", account.id))
    account.refresh_from_db()
    assert account.last_login_at is None


def test_an_account_without_an_address_leads_nowhere(as_owner, owner, account):
    assertNotContains(as_owner.get(url(owner, "detail", account.id)), "Log in")
    response = as_owner.post(url(owner, "login", account.id))
    assert response.status_code == HTTPStatus.NOT_FOUND


# Made, changed, disabled, shared


def test_an_account_is_added(as_owner, owner):
    response = as_owner.post(
        url(owner, "create"),
        {**FACTS, "url": "https://acme.slack.com/", "mfa_types": ["otp", "email"]},
    )
    made = Account.objects.get()
    assertRedirects(response, url(owner, "detail", made.id))
    assert (made.label, made.domain, made.mfa_types) == (
        "Acme Slack",
        "acme.slack.com",
        ["otp", "email"],
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("label", "a\u202eb"), ("url", "javascript:alert(1)"), ("mfa_types", "pigeon")],
)
def test_what_is_amiss_is_said_and_nothing_is_added(as_owner, owner, field, value):
    response = as_owner.post(url(owner, "create"), {**FACTS, field: value})
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(response.context["form"].errors) == [field]
    assert not Account.objects.exists()


def test_an_account_is_changed(as_owner, owner, account):
    response = as_owner.post(url(owner, "update", account.id), FACTS)
    assertRedirects(response, url(owner, "detail", account.id))
    account.refresh_from_db()
    assert account.label == "Acme Slack"


def test_an_account_is_disabled_and_enabled_again(as_owner, owner, account):
    for status in ("disabled", "enabled"):
        as_owner.post(url(owner, "switch", account.id), {"status": status})
        account.refresh_from_db()
        assert account.status == status


def test_the_dialog_shares_and_leads_back_to_the_page(as_owner, owner, teammate, account):
    dialog = as_owner.get(url(owner, "share", account.id), headers={"HX-Request": "true"})
    assertContains(dialog, 'id="dialog-title"')
    assertNotContains(dialog, "<html")
    response = as_owner.post(
        url(owner, "share", account.id),
        {"sharer": teammate.id, "role": "owner"},
        headers={"HX-Request": "true"},
    )
    assert response["HX-Redirect"] == url(owner, "detail", account.id)
    assert account.shares.get(member=teammate).role == "owner"


def test_a_refused_share_is_told_in_the_dialog(as_owner, owner, account):
    response = as_owner.post(
        url(owner, "share", account.id),
        {"sharer": "", "role": "owner"},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assertNotContains(response, "<html", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert account.shares.count() == 1


def test_an_owner_stops_sharing(as_owner, owner, teammate, account):
    gone = AccountShareFactory(item=account, member=teammate)
    as_owner.post(url(owner, "unshare", account.id, gone.id))
    assert not account.shares.filter(member=teammate).exists()
