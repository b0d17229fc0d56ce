"""The pages of secrets, for the owner, a teammate and a stranger."""

from http import HTTPStatus

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import (
    PASSWORD,
    MemberFactory,
    SecretFactory,
    SecretShareFactory,
    TeamFactory,
    VaultFactory,
)
from workspaces.activity.models import Activity
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.keys.material import mint
from workspaces.vaults.actions import read_body
from workspaces.vaults.models import Secret, SecretShare, SecretVersion

pytestmark = pytest.mark.django_db

BODY = "canary-51f0 & <more>"
ESCAPED = "canary-51f0 &amp; &lt;more&gt;"


@pytest.fixture
def owner():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace, role=Role.USER)


@pytest.fixture
def stranger():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def secret(owner):
    vault = VaultFactory(workspace=owner.workspace, is_default=True)
    return SecretFactory(owner=owner, vault=vault, title="Printer", body=BODY)


def url(member, name, *args):
    return reverse(f"secrets:{name}", args=[member.workspace.slug, *args])


@pytest.fixture
def as_owner(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def as_teammate(client, teammate):
    client.force_login(teammate.user)
    return client


@pytest.fixture
def as_collaborator(as_teammate, teammate, secret):
    SecretShareFactory(item=secret, member=teammate)
    return as_teammate


# Who gets in


@pytest.mark.parametrize("where", ["list", "create"])
def test_visitors_sign_in_first(client, owner, where):
    assertRedirects(
        client.get(url(owner, where)),
        f"{reverse('account_login')}?next={url(owner, where)}",
        fetch_redirect_response=False,
    )


@pytest.mark.parametrize("where", ["list", "create"])
def test_strangers_find_no_such_workspace(client, owner, stranger, where):
    client.force_login(stranger.user)
    assert client.get(url(owner, where)).status_code == HTTPStatus.NOT_FOUND


def test_a_login_only_member_sees_no_secrets(client, owner):
    member = MemberFactory(workspace=owner.workspace, role=Role.LOGIN_ONLY)
    client.force_login(member.user)
    assert client.get(url(owner, "list")).status_code == HTTPStatus.FORBIDDEN


def test_a_guest_makes_no_secret(client, owner):
    client.force_login(MemberFactory(workspace=owner.workspace, role=Role.GUEST).user)
    assert client.get(url(owner, "create")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("where", ["detail", "update"])
def test_a_secret_that_is_not_shared_with_them_is_not_found(as_teammate, owner, secret, where):
    assert as_teammate.get(url(owner, where, secret.id)).status_code == HTTPStatus.NOT_FOUND


def test_another_workspaces_secret_is_not_found_in_ones_own(client, stranger, secret):
    client.force_login(stranger.user)
    response = client.get(url(stranger, "detail", secret.id))
    assert response.status_code == HTTPStatus.NOT_FOUND


# The list


def test_the_list_shows_what_is_shared_with_the_person(as_collaborator, owner):
    SecretFactory(owner=owner, title="Safe")
    response = as_collaborator.get(url(owner, "list"))
    assertContains(response, "Printer")
    assertContains(response, "Collaborator")
    assertNotContains(response, "Safe")


def test_the_list_is_searched_by_title(as_owner, owner, secret):
    SecretFactory(owner=owner, title="Safe")
    response = as_owner.get(url(owner, "list"), {"q": "PRINT"})
    assertContains(response, secret.title)
    assertNotContains(response, "Safe")


def test_a_search_without_a_match_says_so(as_owner, owner, secret):
    response = as_owner.get(url(owner, "list"), {"q": "nothing"})
    assertContains(response, "No secret matches")
    assertNotContains(response, secret.title)


def test_an_empty_list_offers_the_first_step(as_owner, owner):
    assertContains(as_owner.get(url(owner, "list")), url(owner, "create"), count=1)


def test_an_empty_list_tells_a_guest_what_will_be_there(client, owner):
    client.force_login(MemberFactory(workspace=owner.workspace, role=Role.GUEST).user)
    response = client.get(url(owner, "list"))
    assertContains(response, "Nothing is shared with you yet")
    assertNotContains(response, url(owner, "create"))


def test_htmx_gets_the_table_alone(as_owner, owner, secret):
    response = as_owner.get(url(owner, "list"), headers={"HX-Request": "true"})
    assertContains(response, secret.title)
    assertNotContains(response, "<html")


@pytest.mark.parametrize("number", ["0", "99", "x"])
def test_a_page_that_is_not_there_answers_with_one_that_is(as_owner, owner, secret, number):
    assertContains(as_owner.get(url(owner, "list"), {"page": number}), secret.title)


def test_a_thousand_secrets_take_as_many_queries_as_ten(as_owner, owner, secret):
    def copy(count):
        copies = Secret.objects.bulk_create(
            Secret(
                workspace=owner.workspace,
                vault=secret.vault,
                title=f"Copy {number}",
                current_version_id=secret.current_version_id,
                created_by=owner.user,
                updated_by=owner.user,
            )
            for number in range(count)
        )
        SecretShare.objects.bulk_create(
            SecretShare(item=row, member=owner, role="owner") for row in copies
        )

    def queries():
        with CaptureQueriesContext(connection) as captured:
            as_owner.get(url(owner, "list"))
        return len(captured)

    copy(9)
    ten = queries()
    copy(990)
    assert queries() == ten


# One secret


def test_a_secret_is_shown_without_its_body(as_owner, owner, secret):
    response = as_owner.get(url(owner, "detail", secret.id))
    assertContains(response, "Printer")
    assertContains(response, "Who shares it")
    assertNotContains(response, ESCAPED)
    assert not Activity.objects.filter(event="SECRET_REQUESTED").exists()


def test_show_answers_with_the_body_which_nothing_keeps(as_owner, owner, secret):
    response = as_owner.post(url(owner, "body", secret.id))
    assertContains(response, ESCAPED, count=1)
    assert "no-store" in response["Cache-Control"]
    assert Activity.objects.get(event="SECRET_REQUESTED").target_id == str(secret.id)


def test_show_under_htmx_answers_with_the_fragment(as_owner, owner, secret):
    response = as_owner.post(url(owner, "body", secret.id), headers={"HX-Request": "true"})
    assertContains(response, ESCAPED, count=1)
    assertContains(response, 'hx-history="false"')
    assertNotContains(response, "<html")
    assert "no-store" in response["Cache-Control"]


def test_a_body_is_not_for_get(as_owner, owner, secret):
    response = as_owner.get(url(owner, "body", secret.id))
    assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_a_collaborator_reads_the_body(as_collaborator, owner, secret):
    assertContains(as_collaborator.post(url(owner, "body", secret.id)), ESCAPED)


def test_a_teammate_without_a_share_gets_no_body(as_teammate, owner, secret):
    response = as_teammate.post(url(owner, "body", secret.id))
    assertNotContains(response, ESCAPED, status_code=HTTPStatus.NOT_FOUND)
    assert not Activity.objects.filter(event="SECRET_REQUESTED").exists()


def test_a_protected_secret_asks_who_reads_it(as_owner, owner, secret):
    Secret.objects.update(requires_identity_challenge=True)
    response = as_owner.post(url(owner, "body", secret.id))
    assertRedirects(
        response,
        f"{reverse('account_reauthenticate')}?next={url(owner, 'detail', secret.id)}",
        fetch_redirect_response=False,
    )
    assert not Activity.objects.filter(event="SECRET_REQUESTED").exists()


def test_under_htmx_the_whole_page_goes_to_prove_who_one_is(as_owner, owner, secret):
    Secret.objects.update(requires_identity_challenge=True)
    page = url(owner, "detail", secret.id)
    response = as_owner.post(
        url(owner, "body", secret.id),
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"},
    )
    assert response["HX-Redirect"] == f"{reverse('account_reauthenticate')}?next={page}"
    assert not Activity.objects.filter(event="SECRET_REQUESTED").exists()


def test_who_just_signed_in_reads_a_protected_secret(client, owner, secret):
    Secret.objects.update(requires_identity_challenge=True)
    client.post(reverse("account_login"), {"login": owner.user.email, "password": PASSWORD})
    assertContains(client.post(url(owner, "body", secret.id)), ESCAPED)


def test_an_hour_after_signing_in_a_protected_secret_asks_again(client, owner, secret):
    Secret.objects.update(requires_identity_challenge=True)
    with time_machine.travel("2026-01-01T08:00Z"):
        client.post(reverse("account_login"), {"login": owner.user.email, "password": PASSWORD})
    with time_machine.travel("2026-01-01T09:00Z"):
        response = client.post(url(owner, "body", secret.id))
    assert response.status_code == HTTPStatus.FOUND
    assert not Activity.objects.filter(event="SECRET_REQUESTED").exists()


# A new secret


def test_a_secret_is_made(as_owner, owner):
    vault = VaultFactory(workspace=owner.workspace)
    response = as_owner.post(
        url(owner, "create"),
        {"title": "Key", "category": "ssh_key", "vault": vault.id, "body": "one\r\ntwo\r\n"},
    )
    made = Secret.objects.get()
    assertRedirects(response, url(owner, "detail", made.id))
    assert read_body(actor_for(owner), made) == "one\ntwo\n"


def test_a_refused_secret_loses_nothing_that_was_typed(as_owner, owner):
    vault = VaultFactory(workspace=owner.workspace)
    response = as_owner.post(
        url(owner, "create"), {"title": "", "category": "text", "vault": vault.id, "body": BODY}
    )
    assertContains(response, ESCAPED, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert "no-store" in response["Cache-Control"]
    assert not Secret.objects.exists()


def test_an_api_key_is_no_title(as_owner, owner):
    vault = VaultFactory(workspace=owner.workspace)
    key = str(mint().plaintext)
    response = as_owner.post(
        url(owner, "create"), {"title": key, "category": "text", "vault": vault.id, "body": "x"}
    )
    assertContains(response, "holds an API key", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert not Secret.objects.exists()


def test_the_vault_is_asked_for_only_where_there_are_several(as_owner, owner):
    VaultFactory(workspace=owner.workspace)
    assertNotContains(as_owner.get(url(owner, "create")), ">\n      Vault")
    VaultFactory(workspace=owner.workspace)
    assertContains(as_owner.get(url(owner, "create")), "Vault")


def test_a_foreign_vault_takes_nothing(as_owner, owner, stranger):
    VaultFactory(workspace=owner.workspace)
    foreign = VaultFactory(workspace=stranger.workspace)
    response = as_owner.post(
        url(owner, "create"), {"title": "T", "category": "text", "vault": foreign.id, "body": "x"}
    )
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Secret.objects.exists()


# A new version


def test_a_new_version_is_written(as_owner, owner, secret):
    response = as_owner.post(url(owner, "update", secret.id), {"body": "second"})
    assertRedirects(response, url(owner, "detail", secret.id))
    assert read_body(actor_for(owner), secret) == "second"


def test_a_collaborator_writes_no_version(as_collaborator, owner, secret):
    response = as_collaborator.post(url(owner, "update", secret.id), {"body": "mine"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert SecretVersion.objects.count() == 1


# Sharing


def share(client, owner, secret, sharer, role="collaborator"):
    return client.post(url(owner, "share", secret.id), {"sharer": sharer.id, "role": role})


def test_an_owner_shares_with_a_member(as_owner, owner, teammate, secret):
    assertRedirects(share(as_owner, owner, secret, teammate), url(owner, "detail", secret.id))
    assert secret.shares.get(member=teammate).role == "collaborator"


def test_an_owner_shares_with_a_team(as_owner, owner, secret):
    team = TeamFactory(workspace=owner.workspace)
    share(as_owner, owner, secret, team, "owner")
    assert secret.shares.get(team=team).role == "owner"


def test_an_owner_shares_with_no_stranger(as_owner, owner, stranger, secret):
    response = share(as_owner, owner, secret, stranger)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert secret.shares.count() == 1


def test_a_collaborator_shares_with_no_one(as_collaborator, owner, secret):
    response = share(as_collaborator, owner, secret, MemberFactory(workspace=owner.workspace))
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert secret.shares.count() == 2


def test_a_collaborator_sees_no_form_to_share(as_collaborator, owner, secret):
    response = as_collaborator.get(url(owner, "detail", secret.id))
    assertNotContains(response, url(owner, "share", secret.id))


def test_an_owner_stops_sharing(as_owner, owner, teammate, secret):
    gone = SecretShareFactory(item=secret, member=teammate)
    as_owner.post(url(owner, "unshare", secret.id, gone.id))
    assert not secret.shares.filter(member=teammate).exists()


def test_an_owner_who_leaves_a_secret_to_another_is_led_to_the_list(
    as_owner, owner, teammate, secret
):
    SecretShareFactory(item=secret, member=teammate, role="owner")
    own = secret.shares.get(member=owner)
    assertRedirects(as_owner.post(url(owner, "unshare", secret.id, own.id)), url(owner, "list"))


def test_the_last_owner_is_told_to_stay(as_owner, owner, secret):
    response = as_owner.post(url(owner, "unshare", secret.id, secret.shares.get().id), follow=True)
    assertContains(response, "at least one Owner")
    assert secret.shares.count() == 1


def test_a_share_of_another_secret_is_not_found(as_owner, owner, teammate, secret):
    foreign = SecretFactory(owner=teammate, vault=secret.vault).shares.get()
    response = as_owner.post(url(owner, "unshare", secret.id, foreign.id))
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert SecretShare.objects.filter(pk=foreign.pk).exists()


# Earlier versions, disabled, deleted


def test_an_earlier_version_is_restored(as_owner, owner, secret):
    as_owner.post(url(owner, "update", secret.id), {"body": "second"})
    response = as_owner.post(url(owner, "restore", secret.id, 1))
    assertRedirects(response, url(owner, "detail", secret.id))
    assert read_body(actor_for(owner), secret) == BODY
    missing = as_owner.post(url(owner, "restore", secret.id, 9))
    assert missing.status_code == HTTPStatus.NOT_FOUND


def test_a_disabled_secret_is_not_shown(as_owner, owner, secret):
    as_owner.post(url(owner, "switch", secret.id), {"status": "disabled"})
    page = as_owner.get(url(owner, "detail", secret.id))
    assertContains(page, "nobody reads it")
    response = as_owner.post(url(owner, "body", secret.id))
    assertNotContains(response, ESCAPED, status_code=HTTPStatus.FORBIDDEN)


def test_a_secret_is_deleted_once_the_question_is_answered(as_owner, owner, secret):
    assertContains(as_owner.get(url(owner, "delete", secret.id)), "Delete secret?")
    assertRedirects(as_owner.post(url(owner, "delete", secret.id)), url(owner, "list"))
    assert as_owner.get(url(owner, "detail", secret.id)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("deed", ["switch", "delete"])
def test_a_collaborator_neither_disables_nor_deletes(as_collaborator, owner, secret, deed):
    response = as_collaborator.post(url(owner, deed, secret.id), {"status": "disabled"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    secret.refresh_from_db()
    assert (secret.status, secret.event_name) == ("active", "create")
