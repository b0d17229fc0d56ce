"""No credential stays anywhere: a key is led through every path, and then looked for everywhere."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from structlog.stdlib import ProcessorFormatter

from tests.factories import PASSWORD, MemberFactory, VaultFactory
from tests.keys.wizard_steps import Wizard, shown_key
from workspaces.directory.roles import Role
from workspaces.keys import material
from workspaces.keys.models import ApiKey
from workspaces.keys.views import wizard as views

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(client):
    member = MemberFactory(role=Role.ADMIN)
    VaultFactory(workspace=member.workspace)
    client.force_login(member.user)
    return member


@pytest.fixture
def wizard(client, admin):
    return Wizard(client, admin.workspace.slug)


@pytest.fixture
def logged(monkeypatch):
    """What the operator's log holds: what the root logger's own handler writes."""
    (configured,) = (
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    )
    written = io.StringIO()
    monkeypatch.setattr(configured, "stream", written)
    return written


def database():
    """Every row of every table as it is kept, and sessions as they are understood."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  (its own tables)
            for row in cursor.fetchall():
                yield table, repr([bytes(v) if isinstance(v, memoryview) else v for v in row])
    for session in Session.objects.all():
        yield "decoded session", json.dumps(session.get_decoded())


def files():
    for file in Path(settings.DATA_DIR).rglob("*"):
        if file.is_file():
            yield str(file), file.read_bytes().decode("latin-1")


@pytest.fixture
def assert_nowhere(wizard, logged):
    """Fail where any of the given texts is still to be read."""

    def check(*texts):
        log = logged.getvalue()
        assert "request_finished" in log, "the log is not where this looks for it"
        cookies = wizard.client.cookies.output()
        for place, content in [*database(), *files(), ("cookies", cookies), ("log", log)]:
            for text in texts:
                assert text not in content, f"it is in: {place}"

    return check


def parts(plaintext):
    """What must not be found of a key: the whole, and its secret alone."""
    return plaintext, material.parse(plaintext).secret


def test_the_search_finds_what_is_there(wizard, assert_nowhere):
    wizard.answer(name="A canary in plain sight")
    with pytest.raises(AssertionError, match="it is in: decoded session"):
        assert_nowhere("A canary in plain sight")


def test_nothing_is_left_after_done(wizard, assert_nowhere):
    plaintext = wizard.reach_store()
    wizard.done()
    assert_nowhere(*parts(plaintext))


def test_nothing_readable_is_left_after_saving_in_a_vault(wizard, admin, assert_nowhere):
    plaintext = wizard.reach_store()
    wizard.save(plaintext, admin.workspace.vaults.get())
    assert ApiKey.objects.exists()
    assert_nowhere(*parts(plaintext))


def test_nothing_is_left_of_an_abandoned_wizard(wizard, assert_nowhere):
    plaintext = wizard.reach_store()
    assert_nowhere(*parts(plaintext))


def test_before_the_reveal_nothing_readable_is_anywhere(wizard, monkeypatch, assert_nowhere):
    minted = []
    mint = material.mint
    monkeypatch.setattr(material, "mint", lambda key_id: minted.append(mint(key_id)) or minted[-1])
    wizard.answer()
    wizard.choose()
    assert_nowhere(minted[0].plaintext, minted[0].secret)


def test_nothing_is_left_of_a_wizard_that_crashes_at_the_reveal(
    wizard, monkeypatch, assert_nowhere
):
    wizard.client.raise_request_exception = False
    revealed = []

    def crash(_request, _actor, _draft, plaintext, _form):
        revealed.append(plaintext)
        raise RuntimeError("the template fell over")

    wizard.answer()
    wizard.choose()
    monkeypatch.setattr(views, "_store_step", crash)
    assert wizard.look().status_code == 500
    assert_nowhere(*parts(revealed[0]))


def test_nothing_is_left_of_a_save_that_crashes(wizard, admin, monkeypatch, assert_nowhere):
    wizard.client.raise_request_exception = False
    plaintext = wizard.reach_store()

    def crash(*_args, **_kwargs):
        raise RuntimeError("the vault fell over")

    monkeypatch.setattr("workspaces.keys.actions.create_secret", crash)
    assert wizard.save(plaintext, admin.workspace.vaults.get()).status_code == 500
    assert not ApiKey.objects.exists()
    assert_nowhere(*parts(plaintext))


def test_nothing_is_left_of_a_refused_save(wizard, assert_nowhere):
    plaintext = wizard.reach_store()
    response = wizard.save(plaintext, VaultFactory())
    assert shown_key(response) == plaintext
    assert_nowhere(*parts(plaintext))


def test_nothing_is_left_of_a_key_typed_where_it_does_not_belong(wizard, assert_nowhere):
    plaintext = wizard.reach_store()
    wizard.done()
    wizard.answer(name=plaintext)
    wizard.client.get(reverse("keys:table", args=[wizard.slug]), {"q": plaintext})
    wizard.client.get("/nowhere/", {"key": plaintext})
    wizard.client.get(f"/{plaintext}/")
    wizard.client.post("/accounts/login/", {"login": "ada@people.example", "password": plaintext})
    wizard.client.post("/accounts/login/", {"login": plaintext, "password": PASSWORD})
    assert_nowhere(*parts(plaintext))


@pytest.mark.parametrize(
    "way",
    ["header", "twice", "query", "cookie", "bearer", "basic", "path", "user agent", "request id"],
)
def test_nothing_is_left_of_a_key_that_uses_the_api(wizard, assert_nowhere, way):
    plaintext = wizard.reach_store("read:users", "read:activities")
    wizard.done()
    api = Client(raise_request_exception=False)
    good = {"X-API-Key": plaintext}
    ask = {
        "header": lambda: api.get("/api/v1/key", headers=good),
        "twice": lambda: api.get("/api/v1/key", headers={"X-API-Key": f"{plaintext},{plaintext}"}),
        "query": lambda: api.get(f"/api/v1/key?api_key={plaintext}"),
        "cookie": lambda: api.get("/api/v1/key", headers={"Cookie": f"key={plaintext}"}),
        "bearer": lambda: api.get("/api/v1/key", headers={"Authorization": f"Bearer {plaintext}"}),
        "basic": lambda: api.get("/api/v1/key", headers={"Authorization": f"Basic {plaintext}"}),
        "path": lambda: api.get(f"/api/v1/users/{plaintext}", headers=good),
        "user agent": lambda: api.get("/api/v1/key", headers={**good, "User-Agent": plaintext}),
        "request id": lambda: api.get("/api/v1/key", headers={**good, "X-Request-ID": plaintext}),
    }[way]
    response = ask()
    assert response.status_code in {200, 400, 401, 404}
    assert plaintext not in response.content.decode()
    assert plaintext not in str(response.headers)
    assert_nowhere(*parts(plaintext))
