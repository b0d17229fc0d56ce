"""A data folder of an older version migrates, with what is in it.

On SQLite alone, which makes many a table anew to alter it: there, rows and triggers can be lost.
"""

import datetime as dt

import pytest
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from workspaces.directory.models import Member
from workspaces.directory.roles import Role
from workspaces.keys import facts
from workspaces.keys.models import KeyUsage
from workspaces.vaults.models import ItemsVersion, SecretShare

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="the folder holds no data")

# What the first version that anyone could run had applied.
FIRST = [
    ("activity", "0002_append_only"),
    ("directory", "0002_one_owner"),
    ("keys", "0001_initial"),
    ("sealing", "0001_initial"),
    ("vaults", "0001_initial"),
]
OURS = {app for app, _ in FIRST} | {"automation", "contract"}
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def migrated(django_db_setup, django_db_blocker, tmp_path_factory):  # noqa: ARG001
    """The default database: one of the first version, filled then, and migrated since."""
    ours = connections[DEFAULT_DB_ALIAS]
    file = {**ours.settings_dict, "NAME": tmp_path_factory.mktemp("migrated") / "db.sqlite3"}
    with django_db_blocker.unblock():
        connections[DEFAULT_DB_ALIAS] = theirs = DatabaseWrapper(file, DEFAULT_DB_ALIAS)
        try:
            fill(MigrationExecutor(theirs).migrate(FIRST).apps)
            executor = MigrationExecutor(theirs)
            newest = executor.loader.graph.leaf_nodes()
            executor.migrate([node for node in newest if node[0] in OURS])
            yield theirs
        finally:
            theirs.close()
            connections[DEFAULT_DB_ALIAS] = ours


def fill(apps):
    """A row of each kind that later migrations look at."""

    def make(model, **values):
        return apps.get_model(model).objects.create(**values)

    owner_id = "6f1ed002-ab5a-4b5e-8f4b-2f1f3b1f0c0d"
    with connections[DEFAULT_DB_ALIAS].constraint_checks_disabled():
        user = make("directory.User", email="ada@acme.example")
        workspace = make("directory.Workspace", slug="acme", name="Acme", owner_id=owner_id)
        owner = make(
            "directory.Member", id=owner_id, workspace=workspace, user=user, role=Role.OWNER
        )
        make("directory.Team", workspace=workspace, name="Engineering")
        vault = make("vaults.Vault", workspace=workspace, name="Default", is_default=True)
        by = {"created_by": user, "updated_by": user}
        secret = make(
            "vaults.Secret", workspace=workspace, vault=vault, title="Wi-Fi", **by,
            current_version_id=owner_id,
        )  # fmt: skip
        make("vaults.SecretVersion", id=owner_id, secret=secret, number=1, created_by=user)
        make("vaults.SecretShare", secret=secret, member=owner, role="secret_owner")
        key = make(
            "keys.ApiKey", key_id="abcdefghijkl", secret_hash="$argon2id$", name="Backup",
            scopes=["read:users"], workspace=workspace, owner=owner, created_by=user,
            expires_at=NOW,
        )  # fmt: skip
        make("keys.KeyUsage", key_id=key.id, last_used_at=NOW)


def test_a_key_is_found_with_what_it_may_do(migrated):
    assert migrated
    found = facts.read("abcdefghijkl")
    assert found.scopes == ["read:users"]
    assert found.role == Role.OWNER
    assert found.workspace_requests_per_minute == 600


def test_when_a_key_was_used_is_found_by_its_workspace(migrated):
    assert migrated
    assert KeyUsage.objects.get(workspace__slug="acme").last_used_at == NOW


def test_a_share_of_a_secret_says_its_role_as_all_shares_do(migrated):
    assert migrated
    assert SecretShare.objects.get().role == "owner"


def test_the_role_of_owner_is_still_guarded(migrated):
    assert migrated
    with pytest.raises(IntegrityError, match="moves with"):
        Member.objects.update(role=Role.ADMIN)


def test_a_change_that_was_made_by_hand_moves_the_epoch(migrated):
    before = facts.read_epoch()
    with migrated.cursor() as cursor:
        cursor.execute("UPDATE directory_workspace SET name = 'Acme Corp'")
    assert facts.read_epoch() == before + 1


def test_a_share_that_goes_moves_the_version_of_what_is_seen(migrated):
    assert migrated
    SecretShare.objects.all().delete()
    assert ItemsVersion.objects.exists()


def test_activities_are_still_guarded(migrated):
    with migrated.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_schema WHERE tbl_name = 'activity_activity'")
        names = {name for (name,) in cursor.fetchall()}
    assert {"activities_stay", "activities_stay_unchanged"} <= names
