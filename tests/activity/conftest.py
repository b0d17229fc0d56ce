import uuid

import pytest
from django.db import connection

from workspaces.activity import triggers
from workspaces.actor import Actor, ActorType, Origin
from workspaces.sealing import keyring


@pytest.fixture
def own_keyring(tmp_path, settings):
    """A keyring that a test may rotate and lose."""
    settings.KEYRING_PATH = tmp_path / "keyring.json"
    keyring.create(settings.KEYRING_PATH)
    return settings.KEYRING_PATH


@pytest.fixture
def ada():
    """A person in a workspace; activities need neither to exist."""
    return Actor(
        workspace_id=uuid.uuid4(),
        workspace_slug="acme",
        workspace_name="Acme",
        type=ActorType.USER,
        user_id=uuid.uuid4(),
        name="Ada Lovelace",
        email="ada@acme.example",
        origin=Origin(ip="192.0.2.1", user_agent="Firefox", request_id="request-1"),
    )


@pytest.fixture
def unguarded(db):  # noqa: ARG001  (in whose transaction the triggers are missing)
    """An intruder who could drop the triggers."""
    with connection.cursor() as cursor:
        for statement in triggers.removing(connection):
            cursor.execute(statement)
