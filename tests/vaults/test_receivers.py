"""Secrets outlive the membership of their owners."""

import pytest

from tests.factories import (
    AccountFactory,
    MemberFactory,
    SecretFactory,
    SecretShareFactory,
    TeamFactory,
    TeamMemberFactory,
)
from workspaces.activity.models import Activity
from workspaces.directory.actions import remove_member
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.vaults.actions import read_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaver():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def owner(leaver):
    return leaver.workspace.owner


def shares(secret) -> dict:
    return dict(secret.shares.values_list("member", "role"))


def test_a_secret_that_nobody_else_owns_goes_to_the_owner_of_the_workspace(leaver, owner):
    secret = SecretFactory(owner=leaver, body="kept")
    remove_member(actor_for(owner), leaver)
    assert read_body(actor_for(owner), secret) == "kept"
    handed = Activity.objects.get(event="SECRET_SHARED")
    assert (handed.actor_type, handed.target_id) == ("system", str(secret.id))


def test_a_collaborating_owner_of_the_workspace_comes_to_own_it(leaver, owner):
    secret = SecretFactory(owner=leaver)
    SecretShareFactory(item=secret, member=owner)
    remove_member(actor_for(owner), leaver)
    assert shares(secret) == {owner.pk: "owner"}


def test_a_secret_with_another_owner_stays_with_them(leaver, owner):
    secret = SecretFactory(owner=leaver)
    teammate = MemberFactory(workspace=leaver.workspace)
    SecretShareFactory(item=secret, member=teammate, role="owner")
    remove_member(actor_for(owner), leaver)
    assert shares(secret) == {teammate.pk: "owner"}


def test_an_owner_who_can_change_nothing_does_not_keep_it_alone(leaver, owner):
    secret = SecretFactory(owner=leaver)
    guest = MemberFactory(workspace=leaver.workspace, role=Role.GUEST)
    SecretShareFactory(item=secret, member=guest, role="owner")
    remove_member(actor_for(owner), leaver)
    assert shares(secret) == {guest.pk: "owner", owner.pk: "owner"}


def test_a_team_of_the_leaver_alone_does_not_keep_it_alone(leaver, owner):
    secret = SecretFactory(owner=leaver)
    team = TeamMemberFactory(member=leaver, team__workspace=leaver.workspace).team
    SecretShareFactory(item=secret, team=team, role="owner")
    remove_member(actor_for(owner), leaver)
    assert shares(secret) == {None: "owner", owner.pk: "owner"}


def test_a_secret_that_a_team_owns_stays_with_the_team(leaver, owner):
    secret = SecretFactory(owner=leaver)
    team = TeamFactory(workspace=leaver.workspace)
    TeamMemberFactory(team=team, member=MemberFactory(workspace=leaver.workspace))
    SecretShareFactory(item=secret, team=team, role="owner")
    remove_member(actor_for(owner), leaver)
    assert shares(secret) == {None: "owner"}


def test_what_only_a_team_owns_goes_to_the_owner_of_the_workspace_with_the_team(leaver, owner):
    account = AccountFactory(owner=leaver)
    team = TeamFactory(workspace=leaver.workspace)
    account.shares.update(member=None, team=team)
    team.delete()
    assert shares(account) == {owner.pk: "owner"}


def test_what_was_only_shared_with_the_leaver_stays_with_its_owner(leaver, owner):
    teammate = MemberFactory(workspace=leaver.workspace, role=Role.USER)
    secret = SecretFactory(owner=teammate)
    SecretShareFactory(item=secret, member=leaver)
    remove_member(actor_for(owner), leaver)
    assert shares(secret) == {teammate.pk: "owner"}
