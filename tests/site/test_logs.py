"""Every line that reaches standard error, as it reaches it."""

import json
import logging
import warnings

import pytest
import structlog
from django.http import HttpResponse
from django.urls import path

from cerbykeys import logs
from cerbykeys.hiding import HIDDEN
from tests.factories import PASSWORD, UserFactory

KEY = "cerby_aaaaaaaaaaaa_" + "b" * 54


def answer(_request, **_captured):
    return HttpResponse("fine")


def fail(_request, **_captured):
    local_secret = "hunter2 in a variable"  # noqa: F841  (a traceback must not show it)
    msg = f"could not use {KEY}"
    raise RuntimeError(msg)


urlpatterns = [
    path("fine/", answer),
    path("accounts/password/reset/key/<key>/", answer),
    path("fail/", fail),
]


@pytest.fixture
def site(client, settings):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    return client


def only(lines):
    (line,) = lines()
    return line


def test_a_request_is_one_line(site, lines):
    site.get("/fine/")
    line = only(lines)
    assert line["event"] == "request_finished"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/fine/", 200)
    assert line["ms"] >= 0
    assert line["request_id"]
    assert line["timestamp"].endswith("Z")


def test_its_query_is_not_told(site, lines):
    site.get("/fine/?search=hunter2")
    assert "hunter2" not in json.dumps(only(lines))


def test_an_unknown_page_is_one_line_too(site, lines):
    site.get("/nowhere/")
    assert only(lines)["status"] == 404


def test_a_failure_is_one_line_with_its_traceback(site, lines):
    site.get("/fail/")
    line = only(lines)
    assert (line["event"], line["status"], line["path"]) == ("request_failed", 500, "/fail/")
    assert "RuntimeError: could not use" in line["exception"]
    assert line["request_id"]


def test_a_traceback_shows_no_variables_and_no_key(site, lines):
    site.get("/fail/")
    text = json.dumps(only(lines))
    assert KEY not in text
    assert "hunter2" not in text.replace('local_secret = \\"hunter2 in a variable\\"', "")


def test_a_link_that_resets_a_password_is_masked(site, lines):
    site.get("/accounts/password/reset/key/3-abcdef/")
    assert only(lines)["path"] == f"/accounts/password/reset/key/{HIDDEN}/"


def test_half_a_character_in_a_line_loses_nothing_else(lines):
    logs.tell(logging.INFO, "request_finished", path="/half/\ud800", status=404)
    line = only(lines)
    assert (line["path"], line["status"]) == ("/half/\ud800", 404)


def test_a_health_probe_is_no_line(site, lines):
    site.get("/healthz")
    assert lines() == []


@pytest.mark.django_db
def test_a_sign_in_leaves_neither_password_nor_session(client, lines):
    user = UserFactory()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    text = json.dumps(lines())
    assert "request_finished" in text
    assert PASSWORD not in text
    assert client.cookies["sessionid"].value not in text


@pytest.mark.parametrize(
    "say",
    [
        lambda log: log.warning("refused", key=KEY),
        lambda log: log.warning("refused %s", KEY),
        lambda log: log.warning("refused", tried=[{"text": f"key={KEY}"}]),
        lambda log: log.warning(
            "refused", request=type("Shown", (), {"__repr__": lambda _: KEY})()
        ),
        lambda _log: logging.getLogger("some.library").warning("refused %s", KEY),
        lambda _log: logging.getLogger("django.security").error("refused %(key)s", {"key": KEY}),
    ],
)
def test_a_key_is_masked_wherever_it_stands(lines, say):
    say(structlog.get_logger("cerbykeys"))
    text = json.dumps(only(lines))
    assert "refused" in text
    assert KEY[:18] not in text
    assert KEY[-20:] not in text


@pytest.mark.parametrize(
    "name",
    [
        "x-api-key",
        "HTTP_X_API_KEY",
        "Authorization",
        "Cookie",
        "set-cookie",
        "password",
        "session_key",
    ],
)
def test_a_value_named_like_a_credential_is_masked(lines, name):
    structlog.get_logger().warning("seen", headers={name: "hunter2", "accept": "text/html"})
    assert only(lines)["headers"] == {name: HIDDEN, "accept": "text/html"}


@pytest.mark.parametrize(
    "text",
    [
        "X-API-Key: hunter2",
        "{'Authorization': 'Basic hunter2'}",
        "cookie=sessionid=hunter2; tz=UTC",
        "postgres://ada:hunter2@db.example/keys is down",
    ],
)
def test_a_credential_in_a_sentence_is_masked(lines, text):
    logging.getLogger("some.library").warning(text)
    assert "hunter2" not in json.dumps(only(lines))


def test_an_ordinary_sentence_is_left_as_it_is(lines):
    text = "CSRF cookie not set. https://keys.example/secrets?page=2 at 10:30"
    logging.getLogger("some.library").warning(text)
    assert only(lines)["event"] == text


def test_warnings_are_logged(lines):
    with warnings.catch_warnings():
        # pytest has taken over what shows warnings; let logging take it back.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.simplefilter("always")
        warnings.warn("mind the gap", stacklevel=1)
    assert only(lines)["logger"] == "py.warnings"


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection"])
def test_what_libraries_chatter_is_not_told(lines, name):
    logging.getLogger(name).info("HTTP Request: GET https://keys.example")
    assert lines() == []


def test_a_line_that_cannot_be_made_shows_nothing_of_what_it_holds(capsys):
    (handler,) = (
        handler for handler in logging.getLogger().handlers if isinstance(handler, logs.Handler)
    )
    handler.handle(logging.LogRecord("lib", logging.INFO, "lib.py", 7, "%d rows", (KEY,), None))
    told = capsys.readouterr().err
    assert "Logging error: TypeError, lib.py:7" in told
    assert KEY[-20:] not in told


def test_a_person_who_watches_reads_plain_lines(monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    formatter = logs.formatter()
    record = logging.LogRecord("cerbykeys", logging.WARNING, "", 0, f"refused {KEY}", (), None)
    text = formatter.format(record)
    assert not text.startswith("{")
    assert "refused" in text
    assert KEY not in text
