"""What README says under *The API in five minutes* runs as it stands there."""

import os
import re
import subprocess
import threading
from pathlib import Path

import pytest
from django.db import connection

from tests.asking import EVERY_SCOPE
from tests.factories import ApiKeyFactory, IntegrationFactory, MemberFactory, UserFactory
from workspaces.activity.models import Activity
from workspaces.automation.models import Job

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## The API in five minutes")[2].partition("\n## ")[0]
ADDRESS = "http://127.0.0.1:8000"


def snippets(language):
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def key(live_server, monkeypatch):
    """A key of someone who has an integration, in a workspace with a Lovelace."""
    user = UserFactory(email="ada@acme.example", last_name="Lovelace")
    key = ApiKeyFactory(owner=MemberFactory(user=user), scopes=EVERY_SCOPE)
    IntegrationFactory(owner=key.owner)
    monkeypatch.setenv("CERBY_API_KEY", key.plaintext)
    key.address = live_server.url
    return key


def finish_the_job():
    """What a worker does, as soon as there is a job."""
    while not Job.objects.update(status="finished"):
        threading.Event().wait(0.05)
    connection.close()


def test_the_address_is_the_one_that_is_served():
    assert ADDRESS in SECTION


@pytest.mark.django_db(transaction=True)
def test_curl_shows_the_key(key):
    (command,) = snippets("sh")
    done = subprocess.run(  # noqa: S603  (our own README)
        ["bash", "-c", command.replace(ADDRESS, key.address)],  # noqa: S607
        env={"PATH": os.environ["PATH"], "CERBY_API_KEY": key.plaintext},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert key.name in done.stdout


@pytest.mark.django_db(transaction=True)
def test_python_finds_a_user_walks_a_list_and_waits_for_a_job(key, capsys):
    threading.Thread(target=finish_the_job, daemon=True).start()
    program = "".join(snippets("python")).replace(ADDRESS, key.address)
    names = {}
    exec(program.replace("sleep(2)", "sleep(0.1)"), names)  # noqa: S102  (our own README)
    names["api"].close()
    first, *activities, last = capsys.readouterr().out.splitlines()
    assert first == f"{key.owner.user_id} ada@acme.example"
    assert len(activities) == Activity.objects.filter(workspace_id=key.workspace_id).count() - 1
    assert last == "finished {}"
