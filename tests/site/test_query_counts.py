"""Lists ask the database as often for a thousand rows as for ten."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.asking import EVERY_SCOPE, ask, ids
from tests.factories import ApiKeyFactory, SecretFactory
from workspaces.activity.models import Activity
from workspaces.directory.models import Member, Team, User
from workspaces.vaults.models import (
    Account,
    AccountShare,
    Collection,
    CollectionPath,
    CollectionShare,
    Secret,
    SecretShare,
    SecretVersion,
)

pytestmark = pytest.mark.django_db


def add_users(key, count):
    users = User.objects.bulk_create(
        User(email=f"{count}-{number}@people.example") for number in range(count)
    )
    Member.objects.bulk_create(
        Member(workspace=key.workspace, user=user, role="workspace_user") for user in users
    )


def add_teams(key, count):
    Team.objects.bulk_create(
        Team(workspace=key.workspace, name=f"Team {count}-{number}") for number in range(count)
    )


def add_secrets(key, count):
    model = SecretFactory(owner=key.owner)
    secrets = [
        Secret(
            workspace=key.workspace,
            vault=model.vault,
            title=f"Secret {number}",
            created_by=key.created_by,
            updated_by=key.created_by,
        )
        for number in range(count)
    ]
    versions = [
        SecretVersion(secret=secret, number=1, sealed_body=b"", created_by=key.created_by)
        for secret in secrets
    ]
    for secret, version in zip(secrets, versions, strict=True):
        secret.current_version = version
    Secret.objects.bulk_create(secrets)
    SecretVersion.objects.bulk_create(versions)
    SecretShare.objects.bulk_create(
        SecretShare(item=secret, member=key.owner, role="owner") for secret in secrets
    )


def add_activities(key, count):
    Activity.objects.bulk_create(
        Activity(
            workspace_id=key.workspace_id,
            sequence=count * 1000 + number,
            timestamp=timezone.now(),
            event="LOGIN",
            actor_type="user",
            key_version=1,
        )
        for number in range(count)
    )


def add_accounts(key, count):
    user = key.created_by
    accounts = Account.objects.bulk_create(
        Account(
            workspace=key.workspace,
            application="Figma",
            label=f"Account {number}",
            created_by=user,
            updated_by=user,
        )
        for number in range(count)
    )
    AccountShare.objects.bulk_create(
        AccountShare(item=account, member=key.owner, role="owner") for account in accounts
    )


def add_collections(key, count):
    user = key.created_by
    collections = Collection.objects.bulk_create(
        Collection(workspace=key.workspace, name=str(number), created_by=user, updated_by=user)
        for number in range(count)
    )
    CollectionPath.objects.bulk_create(
        CollectionPath(ancestor=collection, descendant=collection, is_open=True)
        for collection in collections
    )
    CollectionShare.objects.bulk_create(
        CollectionShare(item=collection, member=key.owner, role="owner")
        for collection in collections
    )


@pytest.mark.parametrize(
    ("path", "add"),
    [
        ("/users?page[size]=100", add_users),
        ("/users?page[size]=100&mfaStatus=true", add_users),
        ("/teams?page[size]=100", add_teams),
        ("/secrets?page[size]=100", add_secrets),
        ("/accounts?page[size]=100", add_accounts),
        ("/accounts?page[size]=100&filter[status]=enabled", add_accounts),
        ("/collections?page[size]=100", add_collections),
        ("/activities?page[size]=100&filter[eventName]=LOGIN", add_activities),
    ],
)
def test_a_list_of_a_thousand_asks_as_often_as_one_of_ten(path, add):
    key = ApiKeyFactory(scopes=EVERY_SCOPE)
    add(key, 10)
    ask(path, key)  # argon2, the use of the key and what is counted once are behind
    with CaptureQueriesContext(connection) as of_ten:
        assert len(ids(ask(path, key))) >= 10
    add(key, 990)
    ask(path, key)
    with CaptureQueriesContext(connection) as of_a_thousand:
        assert len(ids(ask(path, key))) == 100
    assert len(of_a_thousand) == len(of_ten) <= 4
