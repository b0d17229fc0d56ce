"""Done is done once, however often it is sent and whatever dies on the way."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from tests.factories import MemberFactory, VaultFactory
from tests.keys.wizard_steps import Wizard
from workspaces.activity.models import Activity
from workspaces.activity.verification import verify
from workspaces.keys.models import ApiKey
from workspaces.vaults.models import Secret

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(client):
    member = MemberFactory()
    VaultFactory(workspace=member.workspace)
    client.force_login(member.user)
    return member


@pytest.fixture
def wizard(client, admin):
    return Wizard(client, admin.workspace.slug)


def in_parallel(count, act):
    def in_thread(number):
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(in_thread, range(count)))


def browser_of(wizard):
    """Another tab of the same browser: it shares the session."""
    tab = Wizard(Client(), wizard.slug)
    tab.client.cookies = wizard.client.cookies
    tab.draft = wizard.draft
    return tab


def created():
    return Activity.objects.filter(event="API_KEY_CREATED").count()


def test_fifty_parallel_dones_make_one_key(wizard):
    wizard.reach_store()
    responses = in_parallel(50, lambda _: browser_of(wizard).done())
    key = ApiKey.objects.get()
    assert {response.status_code for response in responses} == {302}
    assert {response.url.partition("#")[2] for response in responses} == {f"key-{key.id}"}
    assert created() == 1


def test_parallel_saves_and_dones_make_one_key_and_at_most_one_secret(wizard, admin):
    plaintext = wizard.reach_store()
    vault = admin.workspace.vaults.get()

    def act(number):
        tab = browser_of(wizard)
        return tab.save(plaintext, vault) if number % 2 else tab.done()

    responses = in_parallel(20, act)
    assert {response.status_code for response in responses} == {302}
    saved = Activity.objects.get(event="API_KEY_CREATED").details["savedInVault"]
    assert Secret.objects.count() == (1 if saved else 0)
    assert ApiKey.objects.count() == 1


def test_parallel_reveals_show_the_key_once(wizard):
    wizard.answer()
    wizard.choose()
    pages = in_parallel(12, lambda _: browser_of(wizard).look().content)
    assert sum(b"data-plaintext" in page for page in pages) == 1


def test_drafts_of_parallel_tabs_do_not_overwrite_each_other(wizard):
    def act(number):
        tab = browser_of(wizard)
        tab.reach_store(name=f"Key {number}")
        return tab.done()

    responses = in_parallel(6, act)
    assert {response.status_code for response in responses} == {302}
    assert {key.name for key in ApiKey.objects.all()} == {f"Key {number}" for number in range(6)}


@pytest.mark.parametrize(
    ("dies_at", "made"),
    [
        ("workspaces.keys.actions.ApiKey.save", 0),
        ("workspaces.keys.actions.record", 0),
        ("django.contrib.sessions.models.Session.save", 0),
        ("workspaces.keys.views.wizard._stored", 1),
    ],
)
# The child dies as a killed worker does, at the worst places of Done.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_worker_killed_in_done_leaves_none_or_one_key_with_its_activity(
    wizard, admin, monkeypatch, dies_at, made
):
    wizard.reach_store()
    connection.close()
    if connection.vendor == "postgresql":
        # A socket that both processes hold would outlive the child, and its transaction with it.
        connection.close_pool()
    child = os.fork()
    if child == 0:
        try:
            monkeypatch.setattr(dies_at, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
            wizard.done()
        finally:
            os._exit(0)  # else what fails here would go on as a second run of the tests
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert ApiKey.objects.count() == created() == made
    drafts = Session.objects.get().get_decoded().get("api_key_drafts", {})
    assert (wizard.draft in drafts) is (made == 0)
    # Whoever comes back finds it done, or does it now.
    assert wizard.done().status_code == 302
    assert ApiKey.objects.count() == created() == 1
    verify(admin.workspace_id)
