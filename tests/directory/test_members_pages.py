"""The pages of members: who finds, adds, changes and removes whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import MemberFactory, TeamMemberFactory, UserFactory, WorkspaceFactory
from workspaces.activity.models import Activity
from workspaces.directory.models import Member, User
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return WorkspaceFactory(slug="acme", name="Acme")


@pytest.fixture
def grace(workspace):
    user = UserFactory(first_name="Grace", last_name="Hopper", email="grace@acme.example")
    return MemberFactory(workspace=workspace, user=user, role=Role.USER)


def url(name, member=None):
    return reverse(f"members:{name}", args=["acme", *([member.id] if member else [])])


def sign_in(client, workspace, role):
    """As a member of that role, or as a stranger."""
    if role is None:
        member = MemberFactory()
    elif role == Role.OWNER:
        member = workspace.owner
    else:
        member = MemberFactory(workspace=workspace, role=role)
    client.force_login(member.user)
    return member


def events(workspace):
    found = Activity.objects.filter(workspace_id=workspace.id).order_by("sequence")
    return list(found.values_list("event", flat=True))


def text(response):
    return response.content.decode()


SEES = [
    (Role.OWNER, 200),
    (Role.SUPER_ADMIN, 200),
    (Role.ADMIN, 200),
    (Role.USER, 403),
    (Role.GUEST, 403),
    (None, 404),
]
DOES_NOT_MANAGE = [(Role.ADMIN, 403), (Role.USER, 403), (None, 404)]


@pytest.mark.parametrize(("role", "status"), SEES)
def test_members_are_seen_by_admins_and_above(client, workspace, grace, role, status):
    sign_in(client, workspace, role)
    assert client.get(url("list")).status_code == status
    assert client.get(url("detail", grace)).status_code == status


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "hopper"}, True),
        ({"q": "GRACE acme"}, True),
        ({"q": "babbage"}, False),
        ({"role": Role.USER}, True),
        ({"role": Role.GUEST}, False),
        ({"status": "live"}, True),
        ({"status": "disabled"}, False),
        ({"role": "unknown", "q": "hopper"}, True),
    ],
)
def test_the_list_is_narrowed(client, workspace, grace, query, found):
    sign_in(client, workspace, Role.ADMIN)
    assert (grace.user.email in text(client.get(url("list"), query))) == found


def test_under_htmx_the_list_is_answered_by_itself(client, workspace, grace):
    sign_in(client, workspace, Role.ADMIN)
    answer = text(client.get(url("list"), headers={"HX-Request": "true"}))
    assert answer.strip().startswith('<div id="members">')
    assert grace.user.email in answer


def test_the_list_asks_as_often_for_a_page_as_for_one(client, workspace):
    sign_in(client, workspace, Role.ADMIN)
    client.get(url("list"))
    with CaptureQueriesContext(connection) as of_two:
        client.get(url("list"))
    MemberFactory.create_batch(20, workspace=workspace)
    with CaptureQueriesContext(connection) as of_many:
        client.get(url("list"))
    assert len(of_many) == len(of_two)


def test_a_member_of_another_workspace_is_not_found(client, workspace):
    sign_in(client, workspace, Role.OWNER)
    elsewhere = MemberFactory()
    assert client.get(url("detail", elsewhere)).status_code == 404
    for name in ("role", "status", "remove"):
        data = {"role": Role.GUEST, "status": "disabled"}
        assert client.post(url(name, elsewhere), data).status_code == 404
    assert Member.objects.get(pk=elsewhere.pk).status == "live"


def test_the_page_names_the_teams(client, workspace, grace):
    entry = TeamMemberFactory(member=grace, team__workspace=workspace, team__name="Engineering")
    sign_in(client, workspace, Role.ADMIN)
    page = text(client.get(url("detail", grace)))
    assert reverse("teams:detail", args=["acme", entry.team_id]) in page


def test_an_admin_is_offered_no_change(client, workspace, grace):
    sign_in(client, workspace, Role.ADMIN)
    assert url("role", grace) not in text(client.get(url("detail", grace)))
    assert url("add") not in text(client.get(url("list")))


def test_a_role_is_changed(client, workspace, grace):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    response = client.post(url("role", grace), {"role": Role.ADMIN}, follow=True)
    assert "Grace Hopper is now Admin." in text(response)
    assert Member.objects.get(pk=grace.pk).role == Role.ADMIN
    assert events(workspace) == ["USER_ROLE_UPDATED"]


@pytest.mark.parametrize("role", [Role.OWNER, "king", ""])
def test_a_role_that_is_not_given_is_refused(client, workspace, grace, role):
    sign_in(client, workspace, Role.OWNER)
    client.post(url("role", grace), {"role": role})
    assert Member.objects.get(pk=grace.pk).role == Role.USER
    assert events(workspace) == []


def test_a_member_is_disabled_and_let_in_again(client, workspace, grace):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    assert "is disabled" in text(
        client.post(url("status", grace), {"status": "disabled"}, follow=True)
    )
    assert Member.objects.get(pk=grace.pk).status == "disabled"
    client.post(url("status", grace), {"status": "live"})
    assert Member.objects.get(pk=grace.pk).status == "live"
    assert events(workspace) == ["USER_STATUS_UPDATED"] * 2


@pytest.mark.parametrize("status", ["pending", "gone", ""])
def test_no_other_status_is_set_by_hand(client, workspace, grace, status):
    sign_in(client, workspace, Role.OWNER)
    assert client.post(url("status", grace), {"status": status}).status_code == 404
    assert events(workspace) == []


def test_asking_removes_nobody_and_answering_does(client, workspace, grace):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    assert "Remove Grace Hopper?" in text(client.get(url("remove", grace)))
    assert Member.objects.filter(pk=grace.pk).exists()
    client.post(url("remove", grace))
    assert not Member.objects.filter(pk=grace.pk).exists()
    assert events(workspace) == ["USER_REMOVED"]


@pytest.mark.parametrize("name", ["role", "status", "remove"])
def test_the_owner_stays(client, workspace, name):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    data = {"role": Role.USER, "status": "disabled"}
    response = client.post(url(name, workspace.owner), data, follow=True)
    assert "Transfer the ownership of the workspace first." in text(response)
    owner = Member.objects.get(pk=workspace.owner_id)
    assert (owner.role, owner.status) == (Role.OWNER, "live")
    assert events(workspace) == []


@pytest.mark.parametrize("name", ["role", "status", "remove"])
@pytest.mark.parametrize("refused", DOES_NOT_MANAGE)
def test_others_change_nobody(client, workspace, grace, name, refused):
    role, status = refused
    sign_in(client, workspace, role)
    data = {"role": Role.ADMIN, "status": "disabled"}
    assert client.post(url(name, grace), data).status_code == status
    same = Member.objects.get(pk=grace.pk)
    assert (same.role, same.status) == (Role.USER, "live")


def test_who_shuts_themselves_out_is_led_away(client, workspace):
    me = sign_in(client, workspace, Role.SUPER_ADMIN)
    response = client.post(url("status", me), {"status": "disabled"})
    assert response["Location"] == "/"


NEW = {
    "email": "Katherine@Acme.Example",
    "first_name": "Katherine",
    "last_name": "Johnson",
    "role": Role.ADMIN,
}


def test_someone_new_is_added(client, workspace):
    sign_in(client, workspace, Role.SUPER_ADMIN)
    response = client.post(url("add"), NEW, follow=True)
    assert "Katherine Johnson is a member now." in text(response)
    user = User.objects.get(email="katherine@acme.example")
    assert not user.has_usable_password()
    assert user.memberships.get().role == Role.ADMIN
    assert events(workspace) == ["USER_ADDED"]


def test_whom_the_site_knows_keeps_their_name_and_password(client, workspace):
    known = MemberFactory(user__email="katherine@acme.example", user__first_name="Kate").user
    sign_in(client, workspace, Role.SUPER_ADMIN)
    client.post(url("add"), NEW)
    same = User.objects.get(pk=known.pk)
    assert (same.first_name, same.password) == ("Kate", known.password)
    assert same.memberships.count() == 2


def test_a_member_is_not_added_twice(client, workspace, grace):
    sign_in(client, workspace, Role.OWNER)
    response = client.post(url("add"), {**NEW, "email": grace.user.email})
    assert response.status_code == 422
    assert "is a member of the workspace already" in text(response)
    assert events(workspace) == []


@pytest.mark.parametrize(
    "wrong",
    [{"email": "no address"}, {"email": ""}, {"role": Role.OWNER}, {"first_name": "x" * 101}],
)
def test_what_makes_no_member_is_said_beside_its_field(client, workspace, wrong):
    sign_in(client, workspace, Role.OWNER)
    response = client.post(url("add"), {**NEW, **wrong})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in text(response)
    assert not User.objects.filter(email="katherine@acme.example").exists()


@pytest.mark.parametrize(("role", "status"), DOES_NOT_MANAGE)
def test_others_add_nobody(client, workspace, role, status):
    sign_in(client, workspace, role)
    assert client.get(url("add")).status_code == status
    assert client.post(url("add"), NEW).status_code == status
    assert not User.objects.filter(email="katherine@acme.example").exists()


def test_who_removes_themselves_is_led_away(client, workspace):
    member = sign_in(client, workspace, Role.SUPER_ADMIN)
    response = client.post(url("remove", member), follow=True)
    assert response.status_code == 200
    assert not Member.objects.filter(pk=member.pk).exists()
