"""However a request ends, it is one line, in one write."""

import io
import json
import logging
import re
import select
import uuid
from itertools import chain

import pytest
import structlog
import time_machine
from django.db import OperationalError
from django.test import Client

from cerbykeys import draining, logs
from tests.asking import ask
from tests.factories import ApiKeyFactory
from workspaces.keys import api, facts, material

pytestmark = pytest.mark.django_db


def raising(error):
    def fail(*_args, **_options):
        raise error

    return fail


@pytest.fixture
def told(lines):
    """The one line that was logged."""

    def only():
        (line,) = lines()
        return line

    return only


@pytest.fixture
def key():
    return ApiKeyFactory()


def test_a_program_s_line_tells_what_it_asked_and_for_whom(told, key):
    answer = ask("/key", key)
    line = told()
    assert line.pop("ms") >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("timestamp"))
    assert line == {
        "event": "request_finished",
        "level": "info",
        "logger": "cerbykeys.requests",
        "request_id": answer["X-Request-ID"],
        "method": "GET",
        "path": "/api/v1/key",
        "operation": "getKey",
        "status": 200,
        "workspace": key.workspace.slug,
        "user": str(key.owner.user_id),
    }


def unknown(_key, _patch):
    return ask(f"/users/{uuid.uuid4()}", _key)


def limited(key, _patch):
    key.requests_per_minute = 1
    key.save()
    ask("/key", key)
    return ask("/key", key)


def broken(key, patch):
    patch.setattr(api, "masked", raising(RuntimeError(f"could not mask {key.plaintext}")))
    return ask("/key", key)


def without_database(key, patch):
    patch.setattr(facts.Memory, "of", raising(OperationalError("the database is gone")))
    return ask("/key", key)


def without_database_in_the_operation(key, patch):
    patch.setattr(api, "masked", raising(OperationalError("the database is gone")))
    return ask("/key", key)


REQUESTS = {
    "no key": (lambda *_: ask("/key"), 401, "getKey"),
    "a scope is missing": (lambda key, _: ask("/accounts", key), 403, "listAccounts"),
    "no such resource": (unknown, 404, "getUser"),
    "no such path": (lambda key, _: ask("/nowhere", key), 404, "none"),
    "another method": (lambda key, _: ask("/key", key, "PATCH"), 405, "none"),
    "a wrong parameter": (lambda key, _: ask("/users", key, query={"x": 1}), 400, "listUsers"),
    "too long": (lambda key, _: ask("/jobs", key, "POST", data=b" " * (1 << 21)), 413, None),
    "broken": (broken, 500, "getKey"),
    "the database is gone": (without_database, 503, "none"),
    "the database is gone later": (without_database_in_the_operation, 503, "getKey"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_to_a_program_is_one_line(told, key, monkeypatch, name):
    request, status, operation = REQUESTS[name]
    key.scopes = ["read:users", "write:automations"]
    key.save()
    assert request(key, monkeypatch).status_code == status
    line = told()
    assert line["status"] == status
    assert line["level"] == ("error" if status >= 500 else "warning")
    assert operation is None or line["operation"] == operation
    assert key.plaintext not in json.dumps(line)


def test_too_many_requests_are_one_line_each(lines, key, monkeypatch):
    assert limited(key, monkeypatch).status_code == 429
    assert [line["status"] for line in lines()] == [200, 429]


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (broken, "RuntimeError: could not mask [API key]"),
        (without_database, "OperationalError: the database is gone"),
        (without_database_in_the_operation, "OperationalError: the database is gone"),
    ],
)
def test_what_failed_stands_in_the_same_line(told, key, monkeypatch, request_, error):
    request_(key, monkeypatch)
    line = told()
    assert line["event"] == "request_failed"
    assert line["exception"].startswith("Traceback (most recent call last):")
    assert line["exception"].endswith(error)


def test_a_static_file_is_one_line(told, client):
    client.get("/static/nothing.css")
    assert (told()["path"], "operation" in told()) == ("/static/nothing.css", False)


def test_a_redirect_to_https_is_one_line(told, client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/accounts/login/").status_code == 301
    assert told()["status"] == 301


def test_a_form_from_elsewhere_is_one_line_that_says_why(told):
    Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert told()["status"] == 403
    assert told()["reason"].startswith("Forbidden (CSRF cookie not set.)")


def test_a_foreign_host_name_is_one_line_that_says_why(told, client):
    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
    assert told()["reason"].startswith("Invalid HTTP_HOST header: 'evil.example'")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_probe_is_no_line(lines, client, path):
    client.get(path)
    assert not [line for line in lines() if line["logger"] == "cerbykeys.requests"]


def test_a_server_that_stops_says_so_to_probes_and_not_to_the_log(lines, client, monkeypatch):
    monkeypatch.setattr(draining, "under_way", lambda: True)
    assert client.get("/readyz").status_code == 503
    assert lines() == []


def test_what_is_logged_on_the_way_carries_the_request_s_id(lines, key, monkeypatch):
    def masked(key_id):
        logging.getLogger("some.library").warning("on the way")
        return material.masked(key_id)

    monkeypatch.setattr(api, "masked", masked)
    request_id = ask("/key", key)["X-Request-ID"]
    assert [line["request_id"] for line in lines()] == [request_id] * 2
    structlog.get_logger().warning("afterwards")
    assert "request_id" not in lines()[-1]


class Terminal(io.RawIOBase):
    """Counts what reaches the operating system."""

    def __init__(self):
        self.writes = []

    def writable(self):
        return True

    def write(self, data):
        self.writes.append(bytes(data))
        return len(data)

    def paths(self):
        """Of the lines in each write, what they tell of."""
        return [[json.loads(line)["path"] for line in data.splitlines()] for data in self.writes]


@pytest.fixture
def handler():
    (handler,) = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, logs.Formatter)
    ]
    return handler


@pytest.fixture
def terminal(handler, monkeypatch):
    terminal = Terminal()
    # What sys.stderr is made of.
    stream = io.TextIOWrapper(io.BufferedWriter(terminal), line_buffering=True)
    monkeypatch.setattr(handler, "stream", stream)
    return terminal


@pytest.fixture
def waiting(monkeypatch):
    """Lines of requests wait, as they really do, but for the thread that writes them."""
    monkeypatch.setattr(logs, "MOST_WAITING", 100)


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("it has no name")


class Talkative:
    def __repr__(self):
        logging.getLogger("some.library").warning("it")
        return "I"


def tell(*paths, level=logging.INFO):
    for path in paths:
        logs.tell(level, "request_finished", path=path)


@pytest.mark.parametrize("length", [10, 100_000])
def test_a_line_is_one_write_however_long_it_is(terminal, length):
    tell("x" * length)
    (written,) = terminal.writes
    assert written.endswith(b"}\n")


@pytest.mark.usefixtures("waiting")
class TestLinesThatWait:
    def test_they_are_written_together_in_their_order(self, terminal, handler):
        tell("/a", "/b", "/c")
        assert terminal.writes == []
        handler.flush()
        assert terminal.paths() == [["/a", "/b", "/c"]]
        handler.flush()
        assert len(terminal.writes) == 1

    def test_no_more_are_written_at_once_than_a_pipe_keeps_whole(self, terminal, handler):
        long = "é" * 700
        tell(*[f"/{number}/{long}" for number in range(9)], "x" * 5000, "/last")
        handler.flush()
        assert list(chain(*terminal.paths())) == [
            *[f"/{number}/{long}" for number in range(9)],
            "x" * 5000,
            "/last",
        ]
        assert [len(data) > select.PIPE_BUF for data in terminal.writes].count(True) == 1
        assert len(terminal.writes) == 7

    def test_one_that_tells_of_an_error_is_written_at_once_and_those_before_it(self, terminal):
        tell("/a")
        tell("/broken", level=logging.ERROR)
        assert terminal.paths() == [["/a", "/broken"]]

    def test_what_else_is_logged_comes_after_those_that_wait(self, terminal):
        tell("/a")
        logging.getLogger("some.library").warning("later")
        assert [json.loads(data)["event"] for data in terminal.writes] == [
            "request_finished",
            "later",
        ]

    def test_in_a_log_that_nobody_reads_they_do_not_fill_the_memory(self, terminal):
        tell(*map(str, range(100)))
        assert terminal.writes == []
        tell("one too many")
        assert len(list(chain(*terminal.paths()))) == 101

    def test_each_tells_when_it_was_told(self, terminal, handler):
        with time_machine.travel("2026-03-02T14:05:06Z", tick=False):
            tell("/a")
        handler.flush()
        assert json.loads(terminal.writes[0])["timestamp"] == "2026-03-02T14:05:06.000000Z"

    def test_one_that_cannot_be_made_loses_none_of_the_others(self, terminal, handler, capsys):
        tell("/a", Unspeakable(), "/c")
        handler.flush()
        assert terminal.paths() == [["/a", "/c"]]
        assert "Logging error: RuntimeError" in capsys.readouterr().err

    def test_one_that_makes_another_line_loses_none(self, terminal, handler):
        tell("/a", Talkative(), "/c")
        handler.flush()
        said = [json.loads(line) for data in terminal.writes for line in data.splitlines()]
        assert sorted(line.get("path", line["event"]) for line in said) == ["/a", "/c", "I", "it"]


def test_no_request_fails_for_want_of_its_line(monkeypatch, handler, key):
    broken = io.StringIO()
    broken.close()
    monkeypatch.setattr(handler, "stream", broken)
    assert ask("/key", key).status_code == 200
