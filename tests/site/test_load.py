"""Sixteen writers at once against a served instance: every write is a job, and none is a failure.

On SQLite, or on PostgreSQL in a database of its own where DATABASE_URL names a server.
"""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.site.servers import (
    PATIENCE,
    copied,
    database_of_its_own,
    made_keys,
    started,
    wait_until,
)
from tests.thoroughness import THOROUGH

WRITERS = 16
WRITES = 400 if THOROUGH else 160


@pytest.fixture(scope="module")
def server(request, tmp_path_factory):
    var = tmp_path_factory.mktemp("load") / "var"
    with database_of_its_own() as variables:
        if not variables:
            copied(request.getfixturevalue("first").folder, var)
        with started(var, **variables) as server:
            server.key, _ = made_keys(var, **variables)
            yield server


class Client:
    """One connection, kept."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        self.headers = {"X-API-Key": server.key, "Content-Type": "application/json"}

    def close(self):
        self.connection.close()

    def ask(self, method, path, body=None):
        content = json.dumps(body) if body else None
        self.connection.request(method, f"/api/v1{path}", content, self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


def write(server, user, count):
    """The statuses and jobs of `count` writes, one after the other."""
    body = {"data": {"add": {"entitlements": [{"id": "ADMIN"}]}}}
    with closing(Client(server)) as client:
        answers = [client.ask("PATCH", f"{user}/entitlements", body) for _ in range(count)]
    return [(status, answer.get("data", answer)) for status, answer in answers]


def total(client, path):
    status, answer = client.ask("GET", path)
    assert status == 200, answer
    return answer["meta"]["page"]["total"]


@pytest.fixture
def client(server):
    with closing(Client(server)) as client:
        yield client


def test_every_write_of_sixteen_writers_is_a_job(server, client):
    _, listed = client.ask("GET", "/integrations")
    slack = next(found for found in listed["data"] if found["attributes"]["application"] == "Slack")
    _, people = client.ask("GET", f"/integrations/{slack['id']}/users")
    users = [f"/integrations/{slack['id']}/users/{person['id']}" for person in people["data"]]
    before, running = total(client, "/jobs"), total(client, "/jobs?filter%5Bstatus%5D=running")

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [
            pool.submit(write, server, users[number % len(users)], WRITES // WRITERS)
            for number in range(WRITERS)
        ]
        answers = [answer for writer in writers for answer in writer.result()]
    client.close()  # the server has, where all that took long; the next request opens it again

    assert {status for status, _ in answers} == {200}
    assert len({job["id"] for _, job in answers}) == WRITES
    assert total(client, "/jobs") == before + WRITES
    # The worker is at it beside the writers: by hand, a job it has looked at is running.
    wait_until(lambda: total(client, "/jobs?filter%5Bstatus%5D=running") >= running + 50)
