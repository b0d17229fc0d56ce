"""Nobody waits for the database for long: not for a connection, a statement or a lock."""

import json
import sqlite3
import subprocess
import sys
import time
from copy import deepcopy

import pytest
from django.conf import settings
from django.db import ConnectionHandler, OperationalError, connection

from tests.asking import ask, error
from tests.factories import ApiKeyFactory
from tests.site.servers import MANAGE, PATIENCE, environment, free_port
from workspaces.keys import facts

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="is of PostgreSQL")

SERVING = """
import json
import cerbykeys.wsgi
from django.db import OperationalError, connection

def value(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]

def ended(milliseconds):
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {milliseconds}")
            cursor.execute("SELECT pg_sleep(1)")
    except OperationalError as error:
        return str(error).strip()

names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
print(json.dumps([*map(value, names), value("application_name"), ended(50)]))
"""


@on_postgresql
class TestPostgresql:
    def test_a_process_that_serves_bounds_its_statements(self):
        url = settings.POSTGRES
        host = f"{url['USER']}:{url['PASSWORD']}@{url['HOST']}:{url['PORT']}"
        given = f"postgres://{host}/postgres?options=-c%20application_name%3Dours"
        done = subprocess.run(  # noqa: S603  (our own command)
            [sys.executable, MANAGE, "shell", "--verbosity", "0", "-c", SERVING],
            env=environment(settings.DATA_DIR, DATABASE_URL=given),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        *values, ended = json.loads(done.stdout)
        assert values == ["10s", "5s", "15s", "ours"]
        assert ended == "canceling statement due to statement timeout"

    @pytest.mark.django_db
    def test_a_command_takes_its_time(self):
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)
        assert type(connection.connection) is connection.Database.Connection

    @pytest.mark.django_db
    def test_what_is_asked_again_and_again_is_prepared(self):
        for _ in range(7):
            facts.read_epoch()
            facts.read("a" * 12)
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            prepared = " ".join(statement for (statement,) in cursor.fetchall())
        assert "keys_epoch" in prepared
        assert '"keys_apikey"."key_id" = $1' in prepared

    def test_where_there_is_no_database_the_wait_for_a_connection_ends(self):
        gone = deepcopy(settings.DATABASES["default"])
        gone.update(HOST="127.0.0.1", PORT=free_port())
        gone["OPTIONS"]["pool"]["timeout"] = 0.3
        made = ConnectionHandler({"default": gone, "gone": gone})["gone"]
        began = time.monotonic()
        expected = pytest.raises(OperationalError, match=r"couldn't get a connection")
        with expected, made.wrap_database_errors:
            made.connect()
        assert time.monotonic() - began < 1
        made.close_pool()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="is of SQLite")
@pytest.mark.django_db(transaction=True)
def test_a_locked_sqlite_database_is_unavailable():
    key = ApiKeyFactory()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(connection.settings_dict["NAME"])
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = ask("/key", key, method="DELETE")
    finally:
        other.close()
        connection.close()
    assert error(answer, 503)["code"] == "unavailable"
    assert answer["Retry-After"] == "5"
