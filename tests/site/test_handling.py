"""What a server does around the way of a request: no more than is needed."""

import gc
import io

import pytest
from django.conf import settings
from django.core import signals
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse

from cerbykeys import handling
from tests.site.servers import manage
from workspaces.contract.errors import ApiError
from workspaces.keys.material import mint

pytestmark = pytest.mark.django_db(transaction=True)
HEARD = """
import cerbykeys.wsgi
from django.core import signals
for signal in (signals.request_started, signals.request_finished):
    print([receiver().__name__ for _, receiver, *_ in signal.receivers])
"""


@pytest.fixture
def handler():
    """As in a server; the tests' own process goes on as Django would have it."""
    both = signals.request_started, signals.request_finished
    before = [list(signal.receivers) for signal in both]
    yield handling.application()
    for signal, receivers in zip(both, before, strict=True):
        signal.receivers = receivers


@pytest.fixture
def answered(handler):
    """What the server is given: status, headers and body; for the answer, if not for a path."""

    def ask(response=None, path="/healthz", **variables):
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "HTTP_HOST": "127.0.0.1:8000",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            **variables,
        }
        if response is not None:
            handler._middleware_chain = lambda _request: response
        told = []
        body = handler(environ, lambda *head: told.extend(head))
        return (*told, body)

    return ask


def test_an_answer_is_given_whole_and_closed(answered):
    response = HttpResponse(b"the body", status=201)
    status, headers, body = answered(response)
    assert (status, body) == ("201 Created", [b"the body"])
    assert ("Content-Type", "text/html; charset=utf-8") in headers
    assert response.closed


def test_an_answer_in_pieces_is_left_to_the_server(answered):
    response = StreamingHttpResponse([b"one", b"two"])
    _, _, body = answered(response)
    assert not response.closed
    assert list(body) == [b"one", b"two"]


def test_each_cookie_is_a_header(answered):
    response = HttpResponse()
    response.set_cookie("first", "1", httponly=True)
    response.set_cookie("second", "2")
    _, headers, _ = answered(response)
    assert [value for name, value in headers if name == "Set-Cookie"] == [
        "first=1; HttpOnly; Path=/",
        "second=2; Path=/",
    ]


def test_the_site_answers_through_it(answered):
    status, headers, body = answered(path="/api/v1/no-such-path")
    assert status == "404 Not Found"
    assert ("Cache-Control", "no-store") in headers
    assert b'"code": "not_found"' in body[0]


def test_a_connection_that_failed_is_closed(answered, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection, "errors_occurred", True)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    answered()
    assert connection.connection is None


def test_a_connection_that_is_too_old_is_closed(answered, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection, "close_at", 0)
    answered()
    assert connection.connection is None


def test_before_an_answer_in_pieces_too(answered, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection, "close_at", 0)
    answered(StreamingHttpResponse([b"one"]))
    assert connection.connection is None


def test_a_good_connection_is_kept_where_it_may_be(answered, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection, "close_at", None)
    kept = connection.connection
    answered()
    assert connection.connection is kept


def test_a_server_asks_nothing_else():
    done = manage(settings.DATA_DIR, "shell", "--verbosity", "0", "-c", HEARD)
    assert done.stdout.splitlines() == ["[]", "[]"], done.stderr


def errors_alive():
    # Not by isinstance, which would make lazy objects find out what they are.
    return [each for each in gc.get_objects() if type(each) is ApiError]


def test_a_bad_key_leaves_nothing_for_the_garbage_collector(answered):
    forged = {"path": "/api/v1/key", "HTTP_X_API_KEY": mint().plaintext[:-1]}
    answered(**forged)  # the first request makes the examples of the docs, which stay
    before = {id(error): error for error in errors_alive()}
    gc.disable()
    try:
        status, _, _ = answered(**forged)
        left = [error for error in errors_alive() if id(error) not in before]
    finally:
        gc.enable()
    assert (status, left) == ("401 Unauthorized", [])
