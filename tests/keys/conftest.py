"""An Admin in front of the wizard, and keys that nobody has guessed at."""

import pytest

from tests.factories import MemberFactory, VaultFactory
from tests.keys.wizard_steps import Wizard
from workspaces.directory.roles import Role
from workspaces.keys import guesses, verification


@pytest.fixture
def admin(client):
    """An Admin, signed in."""
    member = MemberFactory(role=Role.ADMIN)
    VaultFactory(workspace=member.workspace, is_default=True, name="Company vault")
    client.force_login(member.user)
    return member


@pytest.fixture
def wizard(client, admin):
    return Wizard(client, admin.workspace.slug)


@pytest.fixture(autouse=True)
def _no_guesses_yet(monkeypatch):
    """The wrong secrets of one test are no flood for the next."""
    monkeypatch.setattr(verification, "guesses", guesses.Guesses())
