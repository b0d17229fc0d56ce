"""The pages of teams: who makes them, and who says who is in them."""

import pytest
from django.urls import reverse

from tests.factories import MemberFactory, TeamFactory, TeamMemberFactory, WorkspaceFactory
from workspaces.activity.models import Activity
from workspaces.directory import actions
from workspaces.directory.models import Team, TeamMember
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return WorkspaceFactory(slug="acme", name="Acme")


@pytest.fixture
def team(workspace):
    return TeamFactory(workspace=workspace, name="Engineering")


@pytest.fixture
def grace(workspace):
    return MemberFactory(workspace=workspace, role=Role.USER)


def url(name, *things):
    return reverse(f"teams:{name}", args=["acme", *(thing.id for thing in things)])


def sign_in(client, workspace, role, *, leading=None):
    """As a member of that role, perhaps an admin of a team; or as a stranger."""
    member = MemberFactory(workspace=workspace, role=role) if role else MemberFactory()
    if leading:
        TeamMemberFactory(team=leading, member=member, is_admin=True)
    client.force_login(member.user)


def events(workspace):
    found = Activity.objects.filter(workspace_id=workspace.id).order_by("sequence")
    return list(found.values_list("event", flat=True))


def text(response):
    return response.content.decode()


DOES_NOT_MANAGE = [(Role.ADMIN, 403), (Role.USER, 403), (None, 404)]


@pytest.mark.parametrize(
    ("role", "status"), [(Role.SUPER_ADMIN, 200), (Role.ADMIN, 200), (Role.USER, 403), (None, 404)]
)
def test_teams_are_seen_by_admins_and_above(client, workspace, team, role, status):
    sign_in(client, workspace, role)
    assert client.get(url("list")).status_code == status
    assert client.get(url("detail", team)).status_code == status


def test_the_list_says_how_many_are_in_each(client, workspace, team):
    TeamMemberFactory.create_batch(3, team=team)
    TeamFactory(name="Of others")
    sign_in(client, workspace, Role.ADMIN)
    page = text(client.get(url("list")))
    assert '<td data-label="Members">3</td>' in page
    assert "Of others" not in page


def test_without_teams_the_first_step_is_offered_to_who_may_take_it(client, workspace):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    assert url("create") in text(client.get(url("list")))
    sign_in(client, workspace, Role.ADMIN)
    assert url("create") not in text(client.get(url("list")))


def test_a_team_of_another_workspace_is_not_found(client, workspace, grace):
    elsewhere = TeamFactory()
    sign_in(client, workspace, Role.SUPER_ADMIN)
    assert client.get(url("detail", elsewhere)).status_code == 404
    for address in (url("rename", elsewhere), url("add", elsewhere)):
        assert client.post(address, {"name": "x", "member": grace.id}).status_code == 404
    assert client.post(url("remove", elsewhere, grace)).status_code == 404


def test_a_team_is_made(client, workspace):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    response = client.post(url("create"), {"name": "Research"}, follow=True)
    assert "“Research” is made." in text(response)
    assert Team.objects.get().name == "Research"
    assert events(workspace) == ["TEAM_CREATED"]


@pytest.mark.parametrize("name", ["", "ENGINEERING", "x" * 101])
def test_a_name_that_is_taken_or_none_is_refused(client, workspace, team, name):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    for address in (url("create"), url("rename", TeamFactory(workspace=workspace))):
        response = client.post(address, {"name": name})
        assert response.status_code == 422
        assert 'aria-invalid="true"' in text(response)
        assert "Constraint" not in text(response)
    assert Team.objects.filter(name__iexact="engineering").get() == team
    assert events(workspace) == []


@pytest.mark.parametrize(("role", "status"), DOES_NOT_MANAGE)
def test_others_make_no_team(client, workspace, role, status):
    sign_in(client, workspace, role)
    assert client.post(url("create"), {"name": "Research"}).status_code == status
    assert not Team.objects.exists()


def test_a_team_is_renamed(client, workspace, team):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    client.post(url("rename", team), {"name": "Platform"})
    assert Team.objects.get().name == "Platform"
    change = {"changes": {"name": {"from": "Engineering", "to": "Platform"}}}
    assert Activity.objects.get(event="TEAM_UPDATED").details == change


@pytest.mark.parametrize("leading", [True, False])
def test_someone_joins_and_leaves_by_who_manages_or_leads(client, workspace, team, grace, leading):
    role = Role.ADMIN if leading else Role.SUPER_ADMIN
    sign_in(client, workspace, role, leading=team if leading else None)
    client.post(url("add", team), {"member": grace.id, "is_admin": "on"})
    assert TeamMember.objects.get(member=grace).is_admin
    client.post(url("remove", team, grace))
    assert not TeamMember.objects.filter(member=grace).exists()
    assert events(workspace) == ["TEAM_MEMBER_ADDED", "TEAM_MEMBER_REMOVED"]


def test_nobody_joins_twice(client, workspace, team, grace):
    TeamMemberFactory(team=team, member=grace)
    sign_in(client, workspace, Role.SUPER_ADMIN)
    assert client.post(url("add", team), {"member": grace.id}).status_code == 422
    assert events(workspace) == []


def test_a_stranger_does_not_join(client, workspace, team):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    assert client.post(url("add", team), {"member": MemberFactory().id}).status_code == 422
    assert not TeamMember.objects.exists()


@pytest.mark.parametrize("refused", DOES_NOT_MANAGE)
def test_others_change_no_team(client, workspace, team, grace, refused):
    role, status = refused
    TeamMemberFactory(team=team, member=MemberFactory(workspace=workspace))
    inside = TeamMember.objects.get().member
    sign_in(client, workspace, role)
    assert client.post(url("rename", team), {"name": "Mine"}).status_code == status
    assert client.post(url("add", team), {"member": grace.id}).status_code == status
    assert client.post(url("remove", team, inside)).status_code == status
    assert TeamMember.objects.get().member == inside
    assert events(workspace) == []


def test_an_admin_who_does_not_lead_is_offered_no_change(client, workspace, team):
    sign_in(client, workspace, Role.ADMIN)
    page = text(client.get(url("detail", team)))
    assert url("rename", team) not in page
    assert url("add", team) not in page


def test_a_second_click_is_told_that_the_person_is_in_the_team(
    client, workspace, team, grace, monkeypatch
):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    add_to_team = actions.add_to_team

    def add_twice(*args, **options):
        add_to_team(*args, **options)
        return add_to_team(*args, **options)

    monkeypatch.setattr(actions, "add_to_team", add_twice)
    response = client.post(url("add", team), {"member": grace.id})
    assert response.status_code == 422
    assert "This person is in the team already." in text(response)
    assert team.team_members.filter(member=grace).count() == 1
