import os
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from cerbykeys import database, draining, health

FIELDS = {"status": "ok", "database": "ok", "keyring": "ok"}


@pytest.fixture(autouse=True)
def _without_redis(settings):
    settings.REDIS_URL = ""


@contextmanager
def silent_server():
    """Its address; it takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


@pytest.mark.parametrize("host", ["testserver", "10.0.0.1", "evil.example"])
def test_healthz_asks_nothing(client, host):
    # Without the mark django_db, a query would fail the test.
    answer = client.get("/healthz", headers={"host": host})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_tells_what_it_looked_at(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == FIELDS


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_neither_sets_a_cookie_or_is_cached(client, path):
    answer = client.get(path)
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_readyz_answers_where_only_https_is_served(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/readyz").status_code == 200


def test_readyz_says_when_the_database_is_out_of_reach(client, monkeypatch):
    def refused():
        raise OperationalError("connection refused by db.internal")

    monkeypatch.setattr(database, "pending_migrations", refused)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == FIELDS | {"status": "unavailable", "database": "unavailable"}


def test_readyz_waits_less_than_a_second_for_a_database_that_hangs(client, monkeypatch):
    assert health.SECONDS < 1
    monkeypatch.setattr(health, "SECONDS", 0.1)
    asked, answers = [], threading.Event()
    monkeypatch.setattr(
        database, "pending_migrations", lambda: asked.append(1) or answers.wait(10) or []
    )
    began = time.monotonic()
    told = [client.get("/readyz") for _ in range(2)]
    assert time.monotonic() - began < 1
    # The second probe waited for what the first had asked: a probe takes no connection more.
    assert len(asked) == 1
    answers.set()
    assert {answer.status_code for answer in told} == {503}
    assert {answer.json()["database"] for answer in told} == {"unavailable"}


@pytest.mark.django_db
def test_readyz_says_when_migrations_are_pending(client, monkeypatch):
    monkeypatch.setattr(database, "pending_migrations", lambda: ["keys.0001_initial"])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "migrations are pending"


def test_readyz_says_when_the_server_is_about_to_stop(client, monkeypatch):
    monkeypatch.setattr(draining, "_flag", None)
    draining.share()
    draining.begin()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "stopping"}


@pytest.mark.django_db
def test_what_was_not_applied_is_pending():
    assert database.pending_migrations() == []
    MigrationRecorder(connection).record_unapplied("keys", "0001_initial")
    assert database.pending_migrations() == ["keys.0001_initial"]


@pytest.mark.django_db
def test_a_migration_whose_forerunners_were_all_applied_is_not_pending(monkeypatch):
    squashed = {
        ("keys", "0001_squashed"): [("keys", "0001_initial"), ("keys", "0002_requests_per_minute")],
        ("keys", "0009_squashed"): [("keys", "0001_initial"), ("keys", "0008_to_come")],
    }
    monkeypatch.setattr(database, "_migrations_on_disk", lambda: squashed)
    assert database.pending_migrations() == ["keys.0009_squashed"]


@pytest.mark.django_db
def test_a_probe_asks_the_database_twice_and_reads_no_migration(django_assert_num_queries):
    database.pending_migrations()
    with pytest.MonkeyPatch.context() as patch, django_assert_num_queries(2):
        patch.setattr(database, "MigrationLoader", None)
        database.pending_migrations()


@pytest.mark.django_db
def test_readyz_says_when_the_keyring_is_lost(client, settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "gone.json"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["keyring"] == "unavailable"
    assert str(tmp_path) not in answer.content.decode()


@pytest.mark.django_db
def test_a_redis_that_refuses_leaves_it_ready(client, settings):
    with silent_server() as url:
        settings.REDIS_URL = url
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == FIELDS | {"redis": "degraded"}


@pytest.mark.django_db
def test_a_redis_that_hangs_leaves_it_ready_and_takes_a_tenth_of_a_second(client, settings):
    client.get("/readyz")
    with silent_server() as url:
        settings.REDIS_URL = url
        began = time.monotonic()
        answer = client.get("/readyz")
        assert time.monotonic() - began < 0.6
    assert answer.status_code == 200
    assert answer.json() == FIELDS | {"redis": "degraded"}


@pytest.mark.skipif("REDIS_URL" not in os.environ, reason="REDIS_URL names no Redis")
@pytest.mark.django_db
def test_a_redis_that_answers_is_ok(client, settings):
    settings.REDIS_URL = os.environ["REDIS_URL"]
    assert client.get("/readyz").json() == FIELDS | {"redis": "ok"}
