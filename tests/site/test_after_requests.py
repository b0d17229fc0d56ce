"""What a server asks of its database connection once a request is answered."""

import pytest
from django.core import signals
from django.db import connection

from cerbykeys import after_requests

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _tidied():
    """As in a server; the tests' own process goes on as Django would have it."""
    both = signals.request_started, signals.request_finished
    before = [list(signal.receivers) for signal in both]
    after_requests.tidy_quickly()
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
