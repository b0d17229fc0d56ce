"""`manage.py copy_from_sqlite` into a PostgreSQL, where DATABASE_URL names a server."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client

from cerbykeys.moving import rows
from tests.asking import EVERY_SCOPE
from tests.factories import UserFactory
from tests.site.servers import copied, database_of_its_own, made_keys, manage, started
from workspaces.activity.models import Activity
from workspaces.directory.models import Team, TeamMember, User
from workspaces.keys.hashing import hash_secret
from workspaces.keys.material import mint
from workspaces.sealing import keyring
from workspaces.vaults.models import ItemsVersion

if connection.vendor != "postgresql":
    pytest.skip("DATABASE_URL names no PostgreSQL", allow_module_level=True)


COMPOSE = (Path(__file__).parents[2] / "compose.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def moved(first, folder, tmp_path_factory):
    """A move as compose.yaml makes it, into a database without a table; then what is served."""
    assert first
    var = copied(folder, tmp_path_factory.mktemp("moved") / "var")
    data = var.with_name("data")
    data.mkdir(mode=0o700)
    key, _ = made_keys(var)
    words = re.search(r"command: \[(copy_from_sqlite.*)\]", COMPOSE)[1].split(", ")
    with database_of_its_own() as variables:
        done = manage(var, *(str(data) if word == "/data" else word for word in words), **variables)
        counts = counted(var / "db.sqlite3", variables["DATABASE_URL"])
        with psycopg.connect(variables["DATABASE_URL"]) as new:
            tables = {name for (name,) in new.execute("SELECT tablename FROM pg_tables")}
        prepared = manage(data, "prepare", **variables)
        with started(data, "serve", CERBYKEYS_WORKERS="1", **variables) as server:
            listed = server.get("/api/v1/secrets", **{"X-API-Key": key})
            (one, *_) = json.loads(listed.body)["data"]
            opened = server.get(f"/api/v1/secrets/{one['id']}", **{"X-API-Key": key})
    return SimpleNamespace(
        done=done,
        counts=counts,
        tables=tables,
        prepared=prepared,
        opened=opened,
        secret_keys=[(path / "secret_key").read_text() for path in (var, data)],
    )


def counted(file, url):
    """How many rows each table has, there and here; told by neither Django nor the command."""
    with closing(sqlite3.connect(file)) as old, psycopg.connect(url) as new:
        tables = {
            name
            for (name,) in old.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        } - {"cache_entries", "django_migrations"}
        return {
            name: tuple(
                database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
                for database in (old, new)
            )
            for name in tables
        }


def test_the_table_of_the_cache_is_there_for_the_server(moved):
    assert "cache_entries" in moved.tables


def test_it_succeeds_and_says_what_it_moved(moved):
    assert moved.done.returncode == 0, moved.done.stderr
    assert moved.done.stderr == ""
    assert "directory_workspace                                    2  " in moved.done.stdout
    assert "are there, unchanged" in moved.done.stdout


def test_every_table_has_as_many_rows_as_before(moved):
    assert moved.counts["activity_activity"][0] > 100
    assert {name: pair for name, pair in moved.counts.items() if pair[0] != pair[1]} == {}


def test_the_new_installation_goes_on_with_the_keys_of_the_old_one(moved):
    assert moved.prepared.returncode == 0, moved.prepared.stderr
    assert moved.opened.status == 200
    assert json.loads(moved.opened.body)["data"]["attributes"]["body"]
    assert len(set(moved.secret_keys)) == 1


@pytest.fixture
def file(first, folder, tmp_path, settings):
    """A file to be moved into the database of the tests, which is empty; to be broken first."""
    assert first
    copy = copied(folder, tmp_path / "var")
    settings.KEYRING_PATH = copy / "keyring.json"
    yield copy / "db.sqlite3"
    ContentType.objects.clear_cache()


def refusal(file, **options):
    with pytest.raises(CommandError) as caught:
        call_command("copy_from_sqlite", file=file, **options)
    assert not User.objects.exists()
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(("nothing has been moved", "stopped: nothing has been moved"))
    return line


def change(file, *statements):
    with closing(sqlite3.connect(file)) as database, database:
        for statement in statements:
            database.execute(statement)


def key_in(file):
    """The plaintext of a key that acme's Owner has made before the move."""
    minted = mint()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "INSERT INTO keys_apikey (id, key_id, secret_hash, name, scopes, status, created_at, "
            "expires_at, workspace_id, owner_id, created_by_id) "
            "SELECT ?, ?, ?, 'old', ?, 'active', '2026-01-01', '2100-01-01', workspace_id, "
            "member.id, user_id FROM directory_member AS member JOIN directory_user AS user "
            "ON user.id = user_id WHERE email = 'owner@acme.example'",
            [uuid4().hex, minted.key_id, hash_secret(minted.secret), json.dumps(EVERY_SCOPE)],
        )
    return minted.plaintext


@pytest.mark.django_db
def test_a_key_from_before_opens_the_api_and_a_secret(file):
    key = key_in(file)
    call_command("copy_from_sqlite", file=file)
    api = Client(headers={"X-API-Key": key})
    secret = api.get("/api/v1/secrets").json()["data"][0]
    assert api.get("/api/v1/key").json()["data"]["attributes"]["name"] == "old"
    assert api.get(f"/api/v1/secrets/{secret['id']}").status_code == 200
    call_command("verify_activity")


@pytest.mark.django_db
def test_new_rows_are_numbered_on_and_fire_triggers_again(file):
    call_command("copy_from_sqlite", file=file)
    team = Team.objects.get(name="Engineering")
    before = ItemsVersion.objects.get(pk=team.workspace_id)
    newest = TeamMember.objects.latest("pk").pk
    one = team.workspace.members.exclude(team_memberships__team=team).first()
    assert TeamMember.objects.create(team=team, member=one).pk > newest
    assert ItemsVersion.objects.get(pk=team.workspace_id).version != before.version
    with pytest.raises(IntegrityError, match="append-only"):
        Activity.objects.first().delete()


@pytest.mark.django_db
def test_a_second_move_is_refused(file):
    call_command("copy_from_sqlite", file=file)
    with pytest.raises(CommandError, match="in use, with rows in directory_workspace"):
        call_command("copy_from_sqlite", file=file)


@pytest.mark.django_db
def test_nothing_is_moved_to_an_installation_with_keys_of_its_own(file, tmp_path):
    keyring.create(tmp_path / "keyring.json")
    assert "another installation" in refusal(file, keys_to=tmp_path)
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.django_db
def test_a_move_that_fails_hands_no_keys_over(file, tmp_path):
    (tmp_path / "data").mkdir()
    change(file, "UPDATE directory_team SET workspace_id = '" + "0" * 32 + "'")
    assert "names one that is not there" in refusal(file, keys_to=tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.django_db
def test_a_target_with_people_and_no_workspace_is_refused(file):
    UserFactory()
    with pytest.raises(CommandError, match="in use, with rows in directory_user"):
        call_command("copy_from_sqlite", file=file)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "reason"), [("a\0", "NUL"), ("a" * 101, "too long")], ids=["NUL", "length"]
)
def test_a_text_that_does_not_fit_is_told_by_table_and_id(file, text, reason):
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE directory_team SET name = ? WHERE name = 'Engineering'", [text])
        ((team,),) = database.execute("SELECT id FROM directory_team WHERE name = ?", [text])
    line = refusal(file)
    assert f"row {UUID(team)} of directory_team" in line
    assert reason in line


@pytest.mark.django_db
def test_names_that_only_sqlite_tells_apart_are_refused(file):
    change(
        file,
        "UPDATE directory_team SET name = 'É' WHERE name = 'Engineering'",
        "UPDATE directory_team SET name = 'é' WHERE name = 'Marketing'",
    )
    assert "one_team_per_name" in refusal(file)


@pytest.mark.django_db
def test_a_row_that_names_none_is_refused(file):
    change(file, "UPDATE directory_team SET workspace_id = '" + "0" * 32 + "'")
    assert "names one that is not there" in refusal(file)


@pytest.mark.django_db
def test_a_row_lost_on_the_way_is_noticed(file, monkeypatch):
    write = rows._write
    monkeypatch.setattr(
        rows, "_write", lambda table, batch: write(table, batch[table is TeamMember :])
    )
    assert "directory_teammember holds" in refusal(file)


@pytest.mark.django_db
def test_an_interrupted_move_leaves_nothing(file, monkeypatch):
    write = rows._write

    def interrupted(table, batch):
        if table is Team:
            raise KeyboardInterrupt
        write(table, batch)

    monkeypatch.setattr(rows, "_write", interrupted)
    assert "run it again" in refusal(file)


@pytest.mark.django_db
def test_a_record_that_is_broken_is_moved_only_where_that_is_said(file, capsys):
    change(
        file,
        "DROP TRIGGER activities_stay_unchanged",
        "UPDATE activity_activity SET event = 'LOGOUT' WHERE sequence = 3",
    )
    assert "activity 3: it was changed" in refusal(file)
    call_command("copy_from_sqlite", file=file, with_broken_record=True)
    assert "activity 3: it was changed" in capsys.readouterr().out
    assert Activity.objects.filter(sequence=3, event="LOGOUT").exists()
