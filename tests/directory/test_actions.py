import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.factories import (
    MemberFactory,
    TeamFactory,
    TeamMemberFactory,
    UserFactory,
    WorkspaceFactory,
)
from workspaces.activity.models import Activity
from workspaces.directory import actions
from workspaces.directory.models import Member, Team, TeamMember, User, Workspace
from workspaces.directory.queries import actor_for, system_actor
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return WorkspaceFactory(name="Acme", max_key_lifetime_days=366, requests_per_minute=600)


@pytest.fixture
def owner(workspace):
    return workspace.owner


@pytest.fixture
def teammate(workspace):
    return MemberFactory(workspace=workspace, role=Role.USER)


@pytest.fixture
def admin(workspace):
    return MemberFactory(workspace=workspace, role=Role.ADMIN)


@pytest.fixture
def stranger():
    return WorkspaceFactory().owner


def last_event(workspace) -> tuple[str, dict]:
    activity = Activity.objects.filter(workspace_id=workspace.id).latest("sequence")
    return activity.event, activity.details


def recorded(workspace) -> int:
    return Activity.objects.filter(workspace_id=workspace.id).count()


# Workspaces


def test_who_creates_a_workspace_owns_it():
    user = UserFactory()
    workspace = actions.create_workspace(user, "initech", "Initech")
    assert Workspace.objects.get().owner.user == user
    assert last_event(workspace) == ("WORKSPACE_CREATED", {"slug": "initech"})


@pytest.mark.parametrize("slug", ["", "-acme", "acme-", "ac me", "acme_corp", "ä", "a" * 64])
def test_a_slug_that_is_no_host_label_is_refused(slug):
    with pytest.raises(ValidationError, match="slug"):
        actions.create_workspace(UserFactory(), slug, "Acme")
    assert not Workspace.objects.exists()


def test_settings_change_together_with_their_activity(workspace, owner):
    actions.update_workspace(
        actor_for(owner), name="Acme Corp", max_key_lifetime_days=90, requests_per_minute=60
    )
    changed = Workspace.objects.get(pk=workspace.pk)
    assert (changed.name, changed.max_key_lifetime_days) == ("Acme Corp", 90)
    assert last_event(workspace) == (
        "WORKSPACE_UPDATED",
        {
            "changes": {
                "name": {"from": "Acme", "to": "Acme Corp"},
                "max_key_lifetime_days": {"from": 366, "to": 90},
                "requests_per_minute": {"from": 600, "to": 60},
            }
        },
    )


def test_settings_saved_as_they_were_record_nothing(workspace, owner):
    actions.update_workspace(
        actor_for(owner), name="Acme", max_key_lifetime_days=366, requests_per_minute=600
    )
    assert recorded(workspace) == 0


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_lifetime_out_of_bounds_is_refused(workspace, owner, days):
    with pytest.raises(ValidationError, match="max_key_lifetime_days"):
        actions.update_workspace(
            actor_for(owner), name="Acme", max_key_lifetime_days=days, requests_per_minute=600
        )
    assert Workspace.objects.get(pk=workspace.pk).max_key_lifetime_days == 366


def test_an_admin_does_not_change_settings(workspace, admin):
    with pytest.raises(PermissionDenied):
        actions.update_workspace(
            actor_for(admin), name="Mine", max_key_lifetime_days=1, requests_per_minute=1
        )
    assert Workspace.objects.get(pk=workspace.pk).name == "Acme"


# The Owner


def test_ownership_is_transferred(workspace, owner, teammate):
    actions.transfer_ownership(actor_for(owner), teammate)
    roles = dict(Member.objects.filter(workspace=workspace).values_list("pk", "role"))
    assert roles == {owner.pk: Role.SUPER_ADMIN, teammate.pk: Role.OWNER}
    assert last_event(workspace)[0] == "WORKSPACE_OWNER_CHANGED"


def test_a_super_admin_does_not_take_the_ownership(workspace, owner):
    usurper = MemberFactory(workspace=workspace, role=Role.SUPER_ADMIN)
    with pytest.raises(PermissionDenied):
        actions.transfer_ownership(actor_for(usurper), usurper)
    assert Workspace.objects.get(pk=workspace.pk).owner == owner


def test_a_disabled_member_does_not_become_the_owner(workspace, owner, teammate):
    actions.set_member_status(actor_for(owner), teammate, Member.Status.DISABLED)
    with pytest.raises(ValidationError, match="live member"):
        actions.transfer_ownership(actor_for(owner), teammate)
    assert Workspace.objects.get(pk=workspace.pk).owner == owner


def test_a_stranger_does_not_become_the_owner(workspace, owner, stranger):
    with pytest.raises(Member.DoesNotExist):
        actions.transfer_ownership(actor_for(owner), stranger)
    assert Workspace.objects.get(pk=workspace.pk).owner == owner


# Members


def test_a_member_is_added(workspace, owner):
    member = actions.add_member(actor_for(owner), UserFactory(), Role.GUEST)
    assert (member.role, member.status) == (Role.GUEST, "live")
    assert last_event(workspace) == ("USER_ADDED", {"role": "workspace_guest_user"})


def test_nobody_is_added_twice(owner, teammate):
    with pytest.raises(ValidationError):
        actions.add_member(actor_for(owner), teammate.user, Role.ADMIN)
    assert Member.objects.filter(user=teammate.user).get().role == Role.USER


def test_an_admin_adds_nobody(admin):
    user = UserFactory()
    with pytest.raises(PermissionDenied):
        actions.add_member(actor_for(admin), user, Role.USER)
    assert not Member.objects.filter(user=user).exists()


def test_the_system_adds_members(workspace):
    user = UserFactory()
    actions.add_member(system_actor(workspace), user, Role.USER)
    assert Member.objects.filter(user=user).exists()


def test_a_role_is_changed(workspace, owner, teammate):
    actions.change_role(actor_for(owner), teammate, Role.ADMIN)
    assert Member.objects.get(pk=teammate.pk).role == Role.ADMIN
    assert last_event(workspace) == (
        "USER_ROLE_UPDATED",
        {"from": "workspace_user", "to": "workspace_admin"},
    )


def test_the_same_role_again_records_nothing(workspace, owner, teammate):
    actions.change_role(actor_for(owner), teammate, Role.USER)
    assert recorded(workspace) == 0


@pytest.mark.parametrize("role", [Role.OWNER, "workspace_king"])
def test_a_role_that_is_not_to_be_given_is_refused(owner, teammate, role):
    with pytest.raises(ValidationError, match="role"):
        actions.change_role(actor_for(owner), teammate, role)
    assert Member.objects.get(pk=teammate.pk).role == Role.USER


def test_an_admin_changes_no_role(admin, teammate):
    with pytest.raises(PermissionDenied):
        actions.change_role(actor_for(admin), teammate, Role.GUEST)
    assert Member.objects.get(pk=teammate.pk).role == Role.USER


def test_a_stranger_changes_no_role(teammate, stranger):
    with pytest.raises(Member.DoesNotExist):
        actions.change_role(actor_for(stranger), teammate, Role.GUEST)
    assert Member.objects.get(pk=teammate.pk).role == Role.USER


def test_a_member_is_disabled(workspace, owner, teammate):
    actions.set_member_status(actor_for(owner), teammate, Member.Status.DISABLED)
    assert Member.objects.get(pk=teammate.pk).status == "disabled"
    assert last_event(workspace) == ("USER_STATUS_UPDATED", {"from": "live", "to": "disabled"})


def test_a_member_is_removed_with_their_places_in_teams(workspace, owner, teammate):
    TeamMemberFactory(team=TeamFactory(workspace=workspace), member=teammate)
    actions.remove_member(actor_for(owner), teammate)
    assert not Member.objects.filter(pk=teammate.pk).exists()
    assert not TeamMember.objects.exists()
    assert last_event(workspace) == ("USER_REMOVED", {"role": "workspace_user"})


@pytest.mark.parametrize(
    "change",
    [
        lambda actor, member: actions.change_role(actor, member, Role.USER),
        lambda actor, member: actions.set_member_status(actor, member, Member.Status.DISABLED),
        actions.remove_member,
    ],
    ids=["demoted", "disabled", "removed"],
)
def test_the_owner_is_not(workspace, owner, change):
    superadmin = MemberFactory(workspace=workspace, role=Role.SUPER_ADMIN)
    with pytest.raises(ValidationError, match="Transfer the ownership"):
        change(actor_for(superadmin), owner)
    kept = Member.objects.get(pk=owner.pk)
    assert (kept.role, kept.status) == (Role.OWNER, "live")


# Teams


def test_a_team_is_created(workspace, owner):
    team = actions.create_team(actor_for(owner), "Engineering")
    assert team.type == "user_managed"
    assert last_event(workspace) == ("TEAM_CREATED", {"type": "user_managed"})


def test_two_teams_of_one_name_are_refused(workspace, owner):
    TeamFactory(workspace=workspace, name="Engineering")
    with pytest.raises(ValidationError):
        actions.create_team(actor_for(owner), "engineering")
    assert Team.objects.count() == 1


def test_a_member_joins_and_leaves_a_team(workspace, owner, teammate):
    team = TeamFactory(workspace=workspace)
    actions.add_to_team(actor_for(owner), team, teammate)
    assert TeamMember.objects.get(team=team).member == teammate
    actions.remove_from_team(actor_for(owner), team, teammate)
    assert not TeamMember.objects.exists()
    assert last_event(workspace)[0] == "TEAM_MEMBER_REMOVED"


def test_an_admin_of_the_team_adds_to_it(workspace, teammate, admin):
    team = TeamFactory(workspace=workspace)
    TeamMemberFactory(team=team, member=teammate, is_admin=True)
    actions.add_to_team(actor_for(teammate), team, admin)
    assert team.team_members.count() == 2


def test_a_mere_member_of_the_team_adds_nobody(workspace, teammate, admin):
    team = TeamFactory(workspace=workspace)
    TeamMemberFactory(team=team, member=teammate)
    with pytest.raises(PermissionDenied):
        actions.add_to_team(actor_for(teammate), team, admin)
    assert team.team_members.count() == 1


def test_a_stranger_joins_no_team(workspace, owner, stranger):
    team = TeamFactory(workspace=workspace)
    with pytest.raises(Member.DoesNotExist):
        actions.add_to_team(actor_for(owner), team, stranger)
    with pytest.raises(PermissionDenied):
        actions.add_to_team(actor_for(stranger), team, stranger)
    assert not TeamMember.objects.exists()


# Races, which only PostgreSQL lets two people run


@pytest.fixture
def overtaken(monkeypatch):
    """Make the first check of a model see nothing, as when another writes right after it."""

    def blind(model):
        check = model.full_clean

        def see_nothing(_):
            monkeypatch.setattr(model, "full_clean", check)

        monkeypatch.setattr(model, "full_clean", see_nothing)

    return blind


def test_a_team_whose_name_was_taken_meanwhile_is_refused(workspace, owner, overtaken):
    TeamFactory(workspace=workspace, name="Finance")
    overtaken(Team)
    with pytest.raises(ValidationError):
        actions.create_team(actor_for(owner), "Finance")
    assert (Team.objects.count(), recorded(workspace)) == (1, 0)


def test_a_team_is_not_given_a_name_that_was_taken_meanwhile(workspace, owner, overtaken):
    TeamFactory(workspace=workspace, name="Finance")
    team = TeamFactory(workspace=workspace, name="Sales")
    overtaken(Team)
    with pytest.raises(ValidationError):
        actions.rename_team(actor_for(owner), team, "Finance")
    team.refresh_from_db()
    assert (team.name, recorded(workspace)) == ("Sales", 0)


def test_who_was_added_meanwhile_is_not_added_twice(workspace, owner, teammate, overtaken):
    overtaken(Member)
    with pytest.raises(ValidationError):
        actions.add_member(actor_for(owner), teammate.user, Role.USER)
    assert (workspace.members.count(), recorded(workspace)) == (2, 0)


def test_who_became_known_to_the_site_meanwhile_is_not_made_twice(workspace, owner, monkeypatch):
    check = User.full_clean
    email = "ada@example.com"

    def be_overtaken(_):
        monkeypatch.setattr(User, "full_clean", check)
        UserFactory(email=email)

    monkeypatch.setattr(User, "full_clean", be_overtaken)
    with pytest.raises(ValidationError) as refusal:
        actions.invite(
            actor_for(owner), email=email, first_name="Ada", last_name="L", role=Role.USER
        )
    assert "email" in refusal.value.message_dict
    assert (workspace.members.count(), recorded(workspace)) == (1, 0)
