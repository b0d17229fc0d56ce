"""The operators' pages: who gets in, what they see, and the two things they may do."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    PASSWORD,
    AccountFactory,
    ApiKeyFactory,
    CollectionFactory,
    JobFactory,
    MemberFactory,
    SecretFactory,
    TeamFactory,
    UserFactory,
    VaultFactory,
)
from workspaces.activity.models import Activity
from workspaces.directory.models import User
from workspaces.keys.models import ApiKey, KeyUsage

pytestmark = pytest.mark.django_db

KEYS = "/admin/keys/apikey/"
STOPS = [
    ("disable", ApiKey.Status.DISABLED, "API_KEY_DISABLED"),
    ("remove", ApiKey.Status.REMOVED, "API_KEY_REMOVED"),
]


@pytest.fixture
def operator():
    return UserFactory(email="olga@operators.example", is_staff=True, is_superuser=True)


@pytest.fixture
def as_operator(client, operator):
    client.force_login(operator)
    return client


def populate(number=1):
    """Everything that the admin shows, `number` times."""
    for _ in range(number):
        key = ApiKeyFactory()
        KeyUsage.objects.create(key=key, last_used_at=timezone.now())
        SecretFactory(owner=key.owner)
        AccountFactory(owner=key.owner)
        CollectionFactory(owner=key.owner)
        TeamFactory(workspace=key.workspace)
        JobFactory(integration__owner=key.owner)
    return key


def text_of(answer):
    return answer.content.decode()


# --- Who gets in -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/admin/", KEYS, "/admin/login/"])
def test_a_visitor_signs_in_where_everyone_does(client, page):
    answer = client.get(page, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")


@pytest.mark.parametrize("page", ["/admin/", KEYS])
def test_a_member_is_no_operator(client, page):
    client.force_login(MemberFactory().workspace.owner.user)
    assert client.get(page, follow=True).status_code == 403


def test_django_s_own_sign_in_form_opens_nothing(client, operator):
    client.post("/admin/login/", {"username": operator.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_an_operator_is_made_by_a_command(client, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="New@Operators.example", interactive=False, verbosity=0)
    assert User.objects.get(email="new@operators.example").check_password(PASSWORD)
    client.post("/accounts/login/", {"login": "new@operators.example", "password": PASSWORD})
    assert client.get("/admin/").status_code == 200


def test_an_operator_without_a_password_may_set_one_by_mail(mailoutbox, client):
    call_command("createsuperuser", email="new@operators.example", interactive=False, verbosity=0)
    client.post("/accounts/password/reset/", {"email": "new@operators.example"})
    assert len(mailoutbox) == 1


# --- What they see ---------------------------------------------------------------------------


def test_only_the_product_s_models_are_there():
    assert sorted(model._meta.label for model in admin.site._registry) == [
        "activity.Activity",
        "automation.Integration",
        "automation.Job",
        "directory.Member",
        "directory.Team",
        "directory.User",
        "directory.Workspace",
        "keys.ApiKey",
        "vaults.Account",
        "vaults.Collection",
        "vaults.Secret",
        "vaults.Vault",
    ]


MODELS = [
    pytest.param(model, id=model._meta.label) for model in sorted(admin.site._registry, key=str)
]


def name_of(model, page):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_every_row_opens_and_changes_nothing(as_operator, model):
    populate()
    row = model.objects.first()
    address = reverse(name_of(model, "change"), args=[row.pk])
    before = model.objects.filter(pk=row.pk).values().get()
    assert as_operator.get(reverse(name_of(model, "changelist"))).status_code == 200
    page = as_operator.get(address)
    assert page.status_code == 200
    assert 'name="_save"' not in text_of(page)
    assert as_operator.post(address, {"name": "changed"}).status_code == 403
    assert model.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("words", ["acme keys", "00000000-0000-0000-0000-000000000000", "é'%"])
def test_every_list_can_be_searched(as_operator, model, words):
    assert as_operator.get(reverse(name_of(model, "changelist")), {"q": words}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_added_or_deleted(as_operator, model):
    populate()
    row, count = model.objects.first(), model.objects.count()
    assert as_operator.get(reverse(name_of(model, "add"))).status_code == 403
    delete = reverse(name_of(model, "delete"), args=[row.pk])
    assert as_operator.post(delete, {"post": "yes"}).status_code == 403
    as_operator.post(
        reverse(name_of(model, "changelist")),
        {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"},
    )
    assert model.objects.count() == count


@pytest.mark.parametrize("model", MODELS)
def test_no_page_shows_a_credential(as_operator, operator, model):
    key = populate()
    secret = key.workspace.secrets.get()
    sealed = bytes(secret.current_version.sealed_body).hex()
    hidden = [
        key.secret_hash,
        key.plaintext.rpartition("_")[2],
        "the body of a secret",
        sealed,
        operator.password,
        User.objects.get(pk=key.created_by_id).password,
        *Activity.objects.values_list("digest", flat=True),
        as_operator.session.session_key,
    ]
    assert all(hidden)
    addresses = [reverse(name_of(model, "changelist"))]
    for row in model.objects.all():
        addresses += [
            reverse(name_of(model, "change"), args=[row.pk]),
            reverse(name_of(model, "history"), args=[row.pk]),
        ]
    for address in addresses:
        text = text_of(as_operator.get(address))
        assert not [value for value in hidden if value in text]


@pytest.mark.parametrize("model", MODELS)
def test_a_list_makes_as_many_queries_for_many_rows_as_for_few(
    as_operator, model, django_assert_num_queries
):
    populate()
    address = reverse(name_of(model, "changelist"))
    as_operator.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        as_operator.get(address)
    populate(3)
    with django_assert_num_queries(len(few)):
        as_operator.get(address)


def listed(answer):
    return set(re.findall(r"/admin/keys/apikey/([0-9a-f-]{36})/change/", text_of(answer)))


@pytest.mark.parametrize("state", ApiKey.Status.values)
def test_keys_are_filtered_by_what_they_are_now(as_operator, state):
    keys = {status: ApiKeyFactory(status=status) for status in ApiKey.Status.values}
    lapsed = ApiKeyFactory(expires_at=timezone.now())
    expected = {str(keys[state].pk)} | ({str(lapsed.pk)} if state == "expired" else set())
    assert listed(as_operator.get(KEYS, {"state": state})) == expected


def test_keys_are_filtered_by_workspace_and_owner(as_operator):
    key, other = ApiKeyFactory(), ApiKeyFactory()
    by_workspace = as_operator.get(KEYS, {"workspace__id__exact": str(key.workspace_id)})
    by_owner = as_operator.get(KEYS, {"owner__user__id__exact": str(other.owner.user_id)})
    assert listed(by_workspace) == {str(key.pk)}
    assert listed(by_owner) == {str(other.pk)}


def test_the_filter_by_owner_offers_those_who_own_keys(as_operator):
    key, _, nobody = ApiKeyFactory(), ApiKeyFactory(), MemberFactory()
    text = text_of(as_operator.get(KEYS))
    assert f"owner__user__id__exact={key.owner.user_id}" in text
    assert f"owner__user__id__exact={nobody.user_id}" not in text


# --- What they may do ------------------------------------------------------------------------


def stop(client, verb, keys, **fields):
    return client.post(
        KEYS, {"action": verb, "_selected_action": [str(key.pk) for key in keys], **fields}
    )


@pytest.mark.parametrize(("verb", "status", "event"), STOPS)
def test_stopping_keys_asks_for_a_reason_first(as_operator, verb, status, event):
    keys = [ApiKeyFactory(), ApiKeyFactory()]
    page = stop(as_operator, verb, keys)
    assert page.status_code == 200
    assert all(key.name in text_of(page) for key in keys)
    assert ApiKey.objects.filter(status=status).count() == 0
    assert not Activity.objects.filter(event=event).exists()


@pytest.mark.parametrize(("verb", "status", "event"), STOPS)
def test_without_a_reason_nothing_is_stopped(as_operator, verb, status, event):
    key = ApiKeyFactory()
    page = stop(as_operator, verb, [key], reason="  ")
    assert "This field is required." in text_of(page)
    assert ApiKey.objects.filter(status=status).count() == 0
    assert not Activity.objects.filter(event=event).exists()


@pytest.mark.parametrize(("verb", "status", "event"), STOPS)
def test_with_a_reason_keys_are_stopped_and_the_operator_is_recorded(
    as_operator, operator, verb, status, event
):
    keys = [ApiKeyFactory(), ApiKeyFactory()]
    left = ApiKeyFactory()
    answer = stop(as_operator, verb, keys, reason="Leaked in a forum")
    assert answer.status_code == 302
    assert set(ApiKey.objects.filter(status=status)) == set(keys)
    left.refresh_from_db()
    assert left.status == ApiKey.Status.ACTIVE
    for key in keys:
        told = Activity.objects.get(workspace_id=key.workspace_id, event=event)
        assert told.details["reason"] == "Leaked in a forum"
        assert (told.actor_type, told.actor_id) == ("user", operator.id)
        assert told.target_id == str(key.id)


def test_too_many_keys_at_once_are_refused(as_operator, monkeypatch):
    monkeypatch.setattr("workspaces.keys.admin.MOST_AT_ONCE", 1)
    stop(as_operator, "remove", [ApiKeyFactory(), ApiKeyFactory()], reason="All of them")
    assert not ApiKey.objects.filter(status="removed").exists()


def test_one_who_may_only_look_stops_nothing(client):
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_apikey"))
    client.force_login(looker)
    key = ApiKeyFactory()
    assert client.get(KEYS).status_code == 200
    stop(client, "remove", [key], reason="I may not")
    key.refresh_from_db()
    assert key.status == ApiKey.Status.ACTIVE


def test_a_vault_is_shown_with_its_workspace(as_operator):
    vault = VaultFactory(name="Company vault")
    assert vault.workspace.name in text_of(as_operator.get("/admin/vaults/vault/"))
