import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.parametrize("host", ["testserver", "10.0.0.1", "evil.example"])
def test_healthz_asks_nothing(client, host):
    # Without the mark django_db, a query would fail the test.
    answer = client.get("/healthz", headers={"host": host})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_tells_what_it_looked_at(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "keyring": "ok"}


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
    def refused(*_args):
        raise OperationalError("connection refused by db.internal")

    monkeypatch.setattr("cerbykeys.database.MigrationLoader", refused)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "database": "unavailable",
        "keyring": "ok",
    }


@pytest.mark.django_db
def test_readyz_says_when_migrations_are_pending(client):
    MigrationRecorder(connection).record_unapplied("keys", "0001_initial")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "migrations are pending"


@pytest.mark.django_db
def test_readyz_says_when_the_keyring_is_lost(client, settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "gone.json"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["keyring"] == "unavailable"
    assert str(tmp_path) not in answer.content.decode()
