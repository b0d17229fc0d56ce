"""What a server asks of its database connection once a request is answered."""

import pytest
from django.conf import settings
from django.core import signals
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.db import close_old_connections, connection, reset_queries

from cerbykeys import after_requests
from tests.site.servers import manage

pytestmark = pytest.mark.django_db(transaction=True)
HEARD = """
import cerbykeys.wsgi
from django.core import signals
for signal in (signals.request_started, signals.request_finished):
    print([receiver().__name__ for _, receiver, *_ in signal.receivers])
"""


@pytest.fixture(autouse=True)
def _tidied():
    """As in a server; the tests' own process goes on as Django would have it."""
    both = signals.request_started, signals.request_finished
    before = [list(signal.receivers) for signal in both]
    after_requests.tidy_quickly()
    heard = {receiver() for signal in both for _, receiver, *_ in signal.receivers}
    assert heard.isdisjoint({reset_queries, close_old_connections, close_caches, reset_urlconf})
    connection.ensure_connection()
    yield
    for signal, receivers in zip(both, before, strict=True):
        signal.receivers = receivers


def answered():
    signals.request_started.send(sender=None)
    signals.request_finished.send(sender=None)


def test_a_connection_that_failed_is_closed(monkeypatch):
    monkeypatch.setattr(connection, "errors_occurred", True)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    answered()
    assert connection.connection is None


def test_a_connection_that_is_too_old_is_closed(monkeypatch):
    monkeypatch.setattr(connection, "close_at", 0)
    answered()
    assert connection.connection is None


def test_a_good_connection_is_kept_where_it_may_be(monkeypatch):
    monkeypatch.setattr(connection, "close_at", None)
    kept = connection.connection
    answered()
    assert connection.connection is kept


def test_a_server_asks_nothing_else():
    done = manage(settings.DATA_DIR, "shell", "--verbosity", "0", "-c", HEARD)
    assert done.stdout.splitlines() == ["[]", "['_tidy']"], done.stderr
