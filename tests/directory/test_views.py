"""Where people arrive, their profile, and the settings of a workspace."""

import uuid
from http import HTTPStatus

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import MemberFactory, WorkspaceFactory
from workspaces.activity.models import Activity
from workspaces.directory.models import Member, User, Workspace
from workspaces.directory.roles import Role
from workspaces.keys.material import mint

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return WorkspaceFactory(name="Acme")


@pytest.fixture
def stranger():
    return MemberFactory()


def member_with(workspace, role) -> Member:
    return workspace.owner if role == Role.OWNER else MemberFactory(workspace=workspace, role=role)


def general(workspace):
    return reverse("settings:general", args=[workspace.slug])


def events(workspace) -> list[str]:
    return list(Activity.objects.filter(workspace_id=workspace.id).values_list("event", flat=True))


# Arriving


def test_visitors_sign_in_first(client):
    assertRedirects(
        client.get("/"), f"{reverse('account_login')}?next=/", fetch_redirect_response=False
    )


def test_home_is_the_workspace(client, workspace):
    client.force_login(workspace.owner.user)
    assertRedirects(client.get("/", follow=True), reverse("secrets:list", args=[workspace.slug]))


def test_home_is_the_workspace_that_was_entered_last(client, workspace):
    other = MemberFactory(user=workspace.owner.user).workspace
    client.force_login(workspace.owner.user)
    for entered in (other, workspace, other):
        client.get(reverse("directory:workspace", args=[entered.slug]))
        assert client.get("/")["Location"] == f"/w/{entered.slug}/"


def test_home_forgets_a_workspace_that_one_is_no_longer_in(client, workspace):
    other = MemberFactory(user=workspace.owner.user)
    client.force_login(workspace.owner.user)
    client.get(reverse("directory:workspace", args=[other.workspace.slug]))
    Member.objects.filter(pk=other.pk).update(status=Member.Status.DISABLED)
    assert client.get("/")["Location"] == f"/w/{workspace.slug}/"


def test_a_login_only_member_is_told_what_they_may_do(client, workspace):
    client.force_login(member_with(workspace, Role.LOGIN_ONLY).user)
    response = client.get(reverse("directory:workspace", args=[workspace.slug]))
    assertContains(response, "You can sign in, and that is all for now")


def test_strangers_find_no_such_workspace(client, workspace, stranger):
    client.force_login(stranger.user)
    response = client.get(reverse("directory:workspace", args=[workspace.slug]))
    assert response.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("status", [Member.Status.PENDING, Member.Status.DISABLED])
def test_a_member_who_is_not_live_finds_no_such_workspace(client, workspace, status):
    member = MemberFactory(workspace=workspace, status=status)
    client.force_login(member.user)
    response = client.get(reverse("directory:workspace", args=[workspace.slug]))
    assert response.status_code == HTTPStatus.NOT_FOUND


# The switch


def test_the_switch_offers_the_other_workspaces_of_the_person(client, workspace):
    MemberFactory(user=workspace.owner.user, workspace__name="Globex")
    MemberFactory(
        user=workspace.owner.user, workspace__name="Initech", status=Member.Status.DISABLED
    )
    client.force_login(workspace.owner.user)
    response = client.get(reverse("secrets:list", args=[workspace.slug]))
    assertContains(response, "Globex")
    assertContains(response, "switch workspace")
    assertNotContains(response, "Initech")


def test_there_is_no_switch_for_who_is_in_one_workspace(client, workspace):
    client.force_login(workspace.owner.user)
    response = client.get(reverse("secrets:list", args=[workspace.slug]))
    assertNotContains(response, "switch workspace")


def test_a_signed_out_page_makes_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assertContains(client.get(reverse("account_login")), "Sign in")


def test_whoever_signs_in_after_sending_a_form_comes_to_a_page(client, workspace):
    """The form's own address often is none: what was sent is lost with the old session."""
    home = reverse("directory:workspace", args=[workspace.slug])
    sent = client.post(f"/w/{workspace.slug}/settings/api-keys/new/{uuid.uuid4()}/done/")
    assertRedirects(sent, f"{reverse('account_login')}?next={home}", fetch_redirect_response=False)


# The profile


def test_visitors_have_no_profile(client):
    url = reverse("directory:profile")
    assertRedirects(
        client.get(url), f"{reverse('account_login')}?next={url}", fetch_redirect_response=False
    )


def test_a_person_changes_their_profile(client, workspace):
    client.force_login(workspace.owner.user)
    response = client.post(
        reverse("directory:profile"),
        {"first_name": "Grace", "last_name": "Hopper", "time_zone": "America/New_York"},
    )
    assertRedirects(response, reverse("directory:profile"))
    user = User.objects.get(pk=workspace.owner.user_id)
    assert (user.get_full_name(), user.time_zone) == ("Grace Hopper", "America/New_York")
    changes = Activity.objects.get(event="USER_UPDATED").details["changes"]
    assert changes["last_name"]["to"] == "Hopper"


@pytest.mark.parametrize(
    "amiss", [{"time_zone": "Mars/Olympus"}, {"first_name": "x" * 101}], ids=["zone", "name"]
)
def test_a_profile_that_is_amiss_changes_nothing(client, workspace, amiss):
    before = User.objects.values().get(pk=workspace.owner.user_id)
    client.force_login(workspace.owner.user)
    given = {"first_name": "Grace", "last_name": "Hopper", "time_zone": "", **amiss}
    response = client.post(reverse("directory:profile"), given)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    after = User.objects.values().get(pk=workspace.owner.user_id)
    assert {**after, "last_login": None} == before


def test_an_api_key_is_no_name(client, workspace):
    client.force_login(workspace.owner.user)
    response = client.post(
        reverse("directory:profile"), {"first_name": mint().plaintext, "last_name": ""}
    )
    assertContains(response, "holds an API key", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)


def test_times_are_written_in_the_zone_of_the_person(client, workspace):
    workspace.owner.user.time_zone = "Asia/Tokyo"
    workspace.owner.user.save()
    client.force_login(workspace.owner.user)
    client.post(reverse("directory:profile"), {"first_name": "Ada", "time_zone": "Asia/Tokyo"})
    response = client.get(reverse("activity:list", args=[workspace.slug]))
    assertContains(response, "JST")


# General settings


@pytest.mark.parametrize("role", [Role.OWNER, Role.SUPER_ADMIN])
def test_settings_are_changed(client, workspace, role):
    client.force_login(member_with(workspace, role).user)
    response = client.post(
        general(workspace),
        {"name": "Acme Corp", "max_key_lifetime_days": "90", "requests_per_minute": "60"},
    )
    assertRedirects(response, general(workspace))
    changed = Workspace.objects.get(pk=workspace.pk)
    assert (changed.name, changed.max_key_lifetime_days) == ("Acme Corp", 90)
    assert changed.requests_per_minute == 60
    assert events(workspace) == ["WORKSPACE_UPDATED"]


def test_an_admin_reads_the_settings_only(client, workspace):
    client.force_login(member_with(workspace, Role.ADMIN).user)
    response = client.get(general(workspace))
    assertContains(response, "Longest lifetime of an API key (days)")
    assertNotContains(response, '<button class="button button--primary"')


def test_an_admin_changes_no_settings(client, workspace):
    client.force_login(member_with(workspace, Role.ADMIN).user)
    response = client.post(general(workspace), {"name": "Mine", "max_key_lifetime_days": "1"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert Workspace.objects.get(pk=workspace.pk).name == "Acme"
    assert events(workspace) == []


@pytest.mark.parametrize("role", [Role.USER, Role.GUEST, Role.LOGIN_ONLY])
def test_settings_are_not_for_other_members(client, workspace, role):
    client.force_login(member_with(workspace, role).user)
    assert client.get(general(workspace)).status_code == HTTPStatus.FORBIDDEN


def test_settings_are_not_for_strangers(client, workspace, stranger):
    client.force_login(stranger.user)
    assert client.get(general(workspace)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("days", ["0", "3651", "-1", "many", ""])
def test_a_lifetime_out_of_bounds_is_refused(client, workspace, days):
    client.force_login(workspace.owner.user)
    data = {"name": "Acme", "max_key_lifetime_days": days, "requests_per_minute": "600"}
    response = client.post(general(workspace), data)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Workspace.objects.get(pk=workspace.pk).max_key_lifetime_days == 366


@pytest.mark.parametrize("limit", ["0", "100001", "-1", "many", ""])
def test_a_limit_out_of_bounds_is_refused(client, workspace, limit):
    client.force_login(workspace.owner.user)
    data = {"name": "Acme", "max_key_lifetime_days": "366", "requests_per_minute": limit}
    response = client.post(general(workspace), data)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Workspace.objects.get(pk=workspace.pk).requests_per_minute == 600
