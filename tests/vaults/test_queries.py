import pytest

from tests.factories import (
    MemberFactory,
    SecretFactory,
    SecretShareFactory,
    TeamFactory,
    TeamMemberFactory,
    VaultFactory,
)
from workspaces.directory.queries import actor_for, system_actor
from workspaces.directory.roles import Role
from workspaces.vaults import queries
from workspaces.vaults.models import Vault

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace, role=Role.ADMIN)


def roles(member) -> dict[str, str]:
    return dict(queries.secrets_for(actor_for(member)).values_list("title", "role"))


def test_an_owner_sees_their_secret(owner):
    SecretFactory(owner=owner, title="Mine")
    assert roles(owner) == {"Mine": "owner"}


def test_an_admin_sees_no_secret_that_is_not_shared_with_them(owner, teammate):
    SecretFactory(owner=owner)
    assert roles(teammate) == {}


def test_a_stranger_sees_nothing(owner):
    SecretFactory(owner=owner)
    assert roles(MemberFactory()) == {}


def test_the_strongest_of_several_roles_counts_once(owner, teammate):
    secret = SecretFactory(owner=owner, title="Shared")
    SecretShareFactory(item=secret, member=teammate)
    for role in ("collaborator", "owner"):
        team = TeamFactory(workspace=owner.workspace)
        TeamMemberFactory(team=team, member=teammate)
        SecretShareFactory(item=secret, team=team, role=role)
    assert roles(teammate) == {"Shared": "owner"}
    assert queries.secrets_for(actor_for(teammate)).count() == 1


def test_a_share_of_a_team_is_not_for_those_outside_it(owner, teammate):
    secret = SecretFactory(owner=owner)
    SecretShareFactory(item=secret, team=TeamFactory(workspace=owner.workspace))
    assert roles(teammate) == {}


def test_the_system_sees_no_secret_even_if_one_is_shared_with_a_team(owner):
    secret = SecretFactory(owner=owner)
    SecretShareFactory(item=secret, team=TeamFactory(workspace=owner.workspace))
    assert not queries.secrets_for(system_actor(owner.workspace)).exists()


def test_a_collaborator_owns_nothing(owner, teammate):
    SecretShareFactory(item=SecretFactory(owner=owner), member=teammate)
    assert not queries.owned_secrets_for(actor_for(teammate)).exists()


def test_vaults_are_listed_with_the_default_one_first(owner):
    workspace = owner.workspace
    VaultFactory(workspace=workspace, name="Archive", status=Vault.Status.DISABLED)
    VaultFactory(workspace=workspace, name="Alpha")
    VaultFactory(workspace=workspace, name="Main", is_default=True)
    VaultFactory(name="Foreign")
    assert [vault.name for vault in queries.vaults_for(actor_for(owner))] == ["Main", "Alpha"]
