"""The SQLite file that `manage.py copy_from_sqlite` is to move: held, looked at, never written."""

import sqlite3
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections

from cerbykeys.moving import CannotMoveError, source
from tests.site.servers import copied
from workspaces.directory.models import Workspace
from workspaces.sealing import envelope, keyring

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(first, folder, tmp_path, settings):
    """A copy of the folder that a start has left, with its keyring in use."""
    assert first
    copy = copied(folder, tmp_path / "var")
    settings.KEYRING_PATH = copy / "keyring.json"
    return copy


@pytest.fixture
def file(used):
    return used / "db.sqlite3"


def refusal(path):
    """The one line that opening it ends with."""
    with pytest.raises(CannotMoveError) as caught, source.opened(path):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change(file, statement):
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(statement)


def test_it_is_read_while_it_is_open(file):
    with source.opened(file) as alias:
        slugs = set(Workspace.objects.using(alias).values_list("slug", flat=True))
    assert slugs == {"acme", "globex"}


def test_it_cannot_be_changed_by_us(file):
    with (
        source.opened(file) as alias,
        pytest.raises(OperationalError, match="readonly"),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute("UPDATE directory_workspace SET name = 'ours'")


def test_nobody_else_opens_it_meanwhile(file):
    with (
        source.opened(file),
        closing(sqlite3.connect(file, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("SELECT * FROM directory_workspace")


def test_one_that_another_process_has_open_is_refused_even_if_that_is_idle(file):
    with closing(sqlite3.connect(file)) as server:
        server.execute("SELECT * FROM directory_workspace").fetchall()
        line = refusal(file)
    assert f"{file} is in use" in line
    assert "stop the server" in line


def test_one_that_is_not_there_is_refused(tmp_path):
    assert "--from" in refusal(tmp_path / "db.sqlite3")
    assert not (tmp_path / "db.sqlite3").exists()


def test_one_that_is_damaged_is_refused(file):
    file.write_bytes(b"not a database" * 100)
    assert f"{file} cannot be used (file is not a database)" in refusal(file)


def test_one_of_an_older_version_is_refused(file):
    change(file, "DELETE FROM django_migrations WHERE app = 'keys' AND name = '0003_epoch'")
    line = refusal(file)
    assert "older version, without keys.0003_epoch" in line
    assert "manage.py migrate" in line


def test_one_of_a_newer_version_is_refused(file):
    change(
        file,
        "INSERT INTO django_migrations (app, name, applied) "
        "VALUES ('keys', '0099_from_the_future', '2040-01-01')",
    )
    assert "newer version, which applied keys.0099_from_the_future" in refusal(file)


def test_one_that_our_keyring_does_not_open_is_refused(used, file):
    (used / "keyring.json").unlink()
    keyring.create(used / "keyring.json")
    envelope._unwrapped.cache_clear()  # as in a new process
    assert "another keyring" in refusal(file)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the target is PostgreSQL")
def test_nothing_is_moved_to_another_sqlite(file):
    with pytest.raises(CommandError, match="nothing has been moved: set DATABASE_URL"):
        call_command("copy_from_sqlite", file=file)
