"""From a fresh start to a key that opens the API, against real workers and nothing made up."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from cerbykeys.logs import DELAY
from tests.conftest import REAL_LEASE
from tests.keys.wizard_steps import PLAINTEXT
from tests.site.scraping import samples
from tests.site.servers import copied, started
from workspaces.activity.models import Activity
from workspaces.keys.models import ApiKey
from workspaces.metrics import HAND_ON_SECONDS

KEYS = "/w/acme/settings/api-keys/"
MANY = 40  # connections of their own, so that every worker gets some


@pytest.fixture(scope="module")
def server(first, tmp_path_factory):
    """A later start, with the people of the first."""
    folder = copied(first.folder, tmp_path_factory.mktemp("main-job") / "var")
    with started(folder, CERBYKEYS_WORKERS="2") as server:
        server.database = folder / "db.sqlite3"
        server.password = re.search(r"Password +(\S+)", first.printed)[1]
        yield server


class Browser:
    """Keeps cookies and sends back each page's CSRF token."""

    def __init__(self, server):
        self.root = f"http://127.0.0.1:{server.port}"
        cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        self.page = ""

    def open(self, path, **data):
        url = path if path.startswith("http") else self.root + path
        if data:
            data["csrfmiddlewaretoken"] = re.search(
                r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page
            )[1]
        body = urllib.parse.urlencode(data).encode() if data else None
        with self.opener.open(urllib.request.Request(url, body)) as response:  # noqa: S310  (our own server)
            self.page, self.url = response.read().decode(), response.url
        return self.page


@pytest.fixture(scope="module")
def browser(server):
    browser = Browser(server)
    browser.open("/accounts/login/")
    browser.open("/accounts/login/", login="admin@acme.example", password=server.password)
    return browser


@pytest.fixture
def plaintext(browser, request):
    """A key that the demo's Admin has just stored."""
    browser.open(f"{KEYS}new/")
    browser.open(f"{KEYS}new/", name=request.node.name[:100], expiration="1h")
    shown = PLAINTEXT.search(browser.open(browser.url, scopes="read:users")).group()
    browser.open(browser.url.replace("/store/", "/done/"), issue="1", stored="on")
    return shown


def ask(server, plaintext):
    """The status and body of `GET /api/v1/key`, over a connection of its own."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/api/v1/key", headers={"X-API-Key": plaintext}
    )
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def refusals(server, plaintext):
    """What many requests, over all workers, are told."""
    return {
        (status, answer["errors"][0]["code"], answer["errors"][0]["meta"]["reason"])
        for status, answer in (ask(server, plaintext) for _ in range(MANY))
    }


def change(server, sql, *values):
    with sqlite3.connect(server.database, timeout=20) as database:
        assert database.execute(sql, values).rowcount == 1
    database.close()
    time.sleep(REAL_LEASE)  # a change by hand is obeyed when the lease is over


def known_to_every_worker(server, plaintext):
    return {ask(server, plaintext)[0] for _ in range(MANY)} == {200}


def row_of(plaintext):
    return plaintext.split("_")[1]


def test_a_stored_key_opens_the_api(server, plaintext):
    status, answer = ask(server, plaintext)
    assert status == 200
    assert answer["data"]["attributes"]["scopes"] == ["read:users"]
    assert answer["data"]["attributes"]["owner"]["email"] == "admin@acme.example"


def test_a_removed_key_is_refused_by_every_worker_from_the_next_request_on(
    server, browser, plaintext
):
    assert known_to_every_worker(server, plaintext)
    _, answer = ask(server, plaintext)
    browser.open(f"{KEYS}{answer['data']['id']}/delete/")
    browser.open(f"{KEYS}{answer['data']['id']}/delete/", sure="yes")
    assert refusals(server, plaintext) == {(401, "unauthorized", "removed")}


def test_an_expired_key_is_refused_by_every_worker(server, plaintext):
    assert known_to_every_worker(server, plaintext)
    table = ApiKey._meta.db_table
    change(
        server,
        f"UPDATE {table} SET expires_at = '2026-01-01 00:00:00' WHERE key_id = ?",  # noqa: S608
        row_of(plaintext),
    )
    assert refusals(server, plaintext) == {(401, "unauthorized", "expired")}


@pytest.mark.parametrize(
    ("column", "value", "before", "reason"),
    [
        ("role", "workspace_user", "workspace_admin", "owner_role"),
        ("status", "disabled", "live", "owner_disabled"),
    ],
)
def test_a_key_whose_owner_lost_the_right_is_refused_by_every_worker(  # noqa: PLR0913, PLR0917  (a table's row)
    server, plaintext, column, value, before, reason
):
    assert known_to_every_worker(server, plaintext)
    sql = (
        f"UPDATE directory_member SET {column} = ? WHERE id = "  # noqa: S608
        "(SELECT owner_id FROM keys_apikey WHERE key_id = ?)"
    )
    change(server, sql, value, row_of(plaintext))
    try:
        assert refusals(server, plaintext) == {(401, "unauthorized", reason)}
    finally:
        change(server, sql, before, row_of(plaintext))
    assert known_to_every_worker(server, plaintext)


def test_each_worker_has_a_core_of_its_own_where_there_are_as_many(server):
    ours = sorted(os.sched_getaffinity(0))
    theirs = sorted(sorted(os.sched_getaffinity(int(pid))) for pid in server.workers())
    assert theirs == ([[core] for core in ours] if len(ours) == 2 else [ours, ours])


def test_a_scrape_adds_up_what_every_worker_counted(server, plaintext):
    def answered():
        time.sleep(2 * HAND_ON_SECONDS)  # what the other worker has noted, it has told by then
        told = samples(server.get("/metrics").body)
        return told["cerbykeys_api_requests_total", "200", "getKey"]

    assert ask(server, plaintext)[0] == 200
    before = answered()
    assert known_to_every_worker(server, plaintext)
    # Whichever worker is asked.
    assert {answered() for _ in range(6)} == {before + MANY}


def test_no_key_is_in_the_log_or_in_the_database(server, plaintext):
    known_to_every_worker(server, plaintext)
    secret = plaintext.split("_")[2]
    time.sleep(2 * DELAY)
    assert "request_finished" in server.printed()
    assert secret not in server.printed()
    for file in server.database.parent.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file


def test_the_main_job_is_in_the_record(server, plaintext):
    assert ask(server, plaintext)[0] == 200
    with sqlite3.connect(server.database) as database:
        told = database.execute(
            f"SELECT count(*) FROM {Activity._meta.db_table} "  # noqa: S608
            "WHERE event = 'API_KEY_CREATED' AND actor_email = 'admin@acme.example'"
        ).fetchone()[0]
    database.close()
    assert told >= 1
