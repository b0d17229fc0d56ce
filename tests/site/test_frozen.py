"""A PostgreSQL that is frozen, and takes what it is sent: who waits for it is told in time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from tests.asking import ask, error
from tests.factories import ApiKeyFactory
from tests.site.proxy import proxy
from tests.site.servers import wait_until
from workspaces import deadlines
from workspaces.directory.models import Workspace
from workspaces.keys import facts

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="is of PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]
SHORT, STATEMENT = 0.3, 0.5  # seconds, in place of 2 and 10
SLEEP = "SELECT count(*) FROM pg_sleep(%s)"


@pytest.fixture
def server(db, monkeypatch):  # noqa: ARG001  (before the way to it changes)
    """PostgreSQL, for a process that serves: what leads to it may be frozen."""
    from workspaces import patience  # noqa: PLC0415  (needs an extra)

    own = connection.settings_dict
    monkeypatch.setattr(patience, "SECONDS", SHORT)
    monkeypatch.setattr(facts, "PATIENCE", SHORT)
    with proxy(own["HOST"], own["PORT"]) as made, pytest.MonkeyPatch.context() as patch:
        patch.setitem(own, "HOST", "127.0.0.1")
        patch.setitem(own, "PORT", made.port)
        options = own["OPTIONS"]
        patch.setitem(options, "options", f"-c statement_timeout={STATEMENT}s")
        patch.setitem(options, "pool", {**options["pool"], "timeout": SHORT})
        deadlines.impose()
        yield made
        made.passing.set()
        close()


def close():
    connection.close()
    connection.close_pool()


def timed(function, *arguments):
    """What it returned, and how long that took; a thread's own connection is put back."""
    began = time.monotonic()
    try:
        return function(*arguments), time.monotonic() - began
    finally:
        connection.close()


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def given_up(statement):
    with pytest.raises(OperationalError, match="silent"):
        run(statement)
    return connection.connection


def test_many_requests_are_told_within_one_time_out_and_it_goes_on(server, real_lease):
    key = ApiKeyFactory()
    assert ask("/key", key).status_code == 200
    with server.frozen():
        time.sleep(real_lease)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: timed(ask, "/key", key), range(24)))
    assert {error(answer, 503)["code"] for answer, _ in answers} == {"unavailable"}
    assert max(took for _, took in answers) < 2
    wait_until(lambda: ask("/key", key).status_code == 200)


def test_a_page_is_told_so(server, client):
    client.force_login(ApiKeyFactory().owner.user)
    client.raise_request_exception = False
    assert client.get("/").status_code == 302
    connection.close()
    with server.frozen():
        answer, took = timed(client.get, "/")
    assert answer.status_code == 503
    assert took < 2
    wait_until(lambda: client.get("/").status_code == 302)


def test_a_statement_under_way_is_given_up_when_the_server_would_have_ended_it(server):
    run("SELECT 1")
    with server.frozen():
        used, took = timed(given_up, "SELECT 1")
    assert STATEMENT + SHORT <= took < 2
    assert used.closed
    wait_until(lambda: run("SELECT 1") == [(1,)])


def test_a_transaction_under_way_is_given_up_and_taken_back(server):
    workspace = ApiKeyFactory().workspace
    rows = Workspace.objects.filter(pk=workspace.pk)

    def change():
        with transaction.atomic():
            rows.update(name="Changed")
            with server.frozen():
                given_up("SELECT 1")

    with pytest.raises(OperationalError):
        timed(change)
    wait_until(lambda: rows.get().name == workspace.name)


def test_a_commit_is_given_up(server):
    ApiKeyFactory()

    def change():
        with transaction.atomic():
            Workspace.objects.update(name="Changed")
            server.passing.clear()

    began = time.monotonic()
    with pytest.raises(OperationalError):
        change()
    # When it is given up, Django asks for another connection.
    assert time.monotonic() - began < 3
    server.passing.set()
    connection.close()
    wait_until(lambda: run("SELECT 1") == [(1,)])


def test_a_server_that_works_or_sends_is_waited_for(server):  # noqa: ARG001  (the way to it)
    run("SELECT set_config('statement_timeout', '0', false)")
    assert run(SLEEP, STATEMENT + SHORT / 3) == [(1,)]
    # Rows that go out one by one: what they take in all is no matter.
    sent = run("SELECT pg_sleep(0.1), repeat('x', 10000) FROM generate_series(1, 15)")
    assert len(sent) == 15


def test_one_without_a_time_out_is_waited_for_without_end(server):  # noqa: ARG001
    connection.settings_dict["OPTIONS"]["options"] = "-c statement_timeout=0"
    close()
    assert run(SLEEP, STATEMENT + 2 * SHORT) == [(1,)]
