"""The page Activity: who sees it, and what its filters leave."""

from http import HTTPStatus

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import MemberFactory, WorkspaceFactory
from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.directory.models import Member
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return WorkspaceFactory()


@pytest.fixture
def owner(workspace):
    return workspace.owner


@pytest.fixture
def teammate(workspace):
    return MemberFactory(workspace=workspace, role=Role.USER)


@pytest.fixture
def as_owner(client, owner):
    client.force_login(owner.user)
    return client


def page(workspace):
    return reverse("activity:list", args=[workspace.slug])


def note(member, name, event=Event.LOGOUT, **details):
    with transaction.atomic():
        record(actor_for(member), event, Target("user", "1", name), **details)


def names(response) -> list[str]:
    return [activity.target_name for activity, *_ in response.context["rows"]]


def test_visitors_sign_in_first(client, workspace):
    assertRedirects(
        client.get(page(workspace)),
        f"{reverse('account_login')}?next={page(workspace)}",
        fetch_redirect_response=False,
    )


def test_strangers_find_no_such_workspace(client, workspace):
    client.force_login(MemberFactory().user)
    assert client.get(page(workspace)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("role", [Role.USER, Role.GUEST, Role.LOGIN_ONLY])
def test_members_who_are_no_admins_are_refused(client, workspace, role):
    client.force_login(MemberFactory(workspace=workspace, role=role).user)
    assert client.get(page(workspace)).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPER_ADMIN])
def test_admins_see_the_newest_first(client, workspace, owner, role):
    note(owner, "first")
    note(owner, "second")
    client.force_login(MemberFactory(workspace=workspace, role=role).user)
    assert names(client.get(page(workspace))) == ["second", "first"]


def test_nothing_of_another_workspace_is_shown(as_owner, workspace):
    note(MemberFactory(), "foreign")
    assert names(as_owner.get(page(workspace))) == []


def test_it_is_narrowed_to_an_event(as_owner, workspace, owner):
    note(owner, "out")
    note(owner, "in", Event.LOGIN, method="password")
    assert names(as_owner.get(page(workspace), {"event": "LOGIN"})) == ["in"]


def test_it_is_narrowed_to_a_person(as_owner, workspace, owner, teammate):
    note(owner, "mine")
    note(teammate, "theirs")
    assert names(as_owner.get(page(workspace), {"person": teammate.user_id})) == ["theirs"]


def test_a_past_member_can_still_be_chosen(as_owner, workspace, teammate):
    note(teammate, "theirs")
    Member.objects.filter(pk=teammate.pk).delete()
    assertContains(as_owner.get(page(workspace)), teammate.user.email)


def test_it_is_narrowed_to_days_of_the_persons_zone(as_owner, workspace, owner):
    owner.user.time_zone = "Asia/Tokyo"
    owner.user.save()
    for name, moment in {
        "before": "2026-03-01T14:59:59Z",
        "first moment": "2026-03-01T15:00:00Z",
        "last moment": "2026-03-02T14:59:59Z",
        "after": "2026-03-02T15:00:00Z",
    }.items():
        with time_machine.travel(moment, tick=False):
            note(owner, name)
    response = as_owner.get(page(workspace), {"since": "2026-03-02", "until": "2026-03-02"})
    assert names(response) == ["last moment", "first moment"]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"event": "NOPE"},
        {"person": "x"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
        {"page": "zzz"},
    ],
    ids=str,
)
def test_a_filter_that_makes_no_sense_does_not_narrow(as_owner, workspace, owner, nonsense):
    note(owner, "kept")
    assert names(as_owner.get(page(workspace), nonsense)) == ["kept"]


def test_filters_that_leave_nothing_say_so(as_owner, workspace, owner):
    note(owner, "out")
    response = as_owner.get(page(workspace), {"event": "LOGIN"})
    assertContains(response, "Nothing of this kind happened")


def test_details_are_told_in_words(as_owner, workspace, owner):
    note(
        owner, "Ada", Event.USER_ROLE_UPDATED, **{"from": "workspace_user", "to": "workspace_admin"}
    )
    assertContains(as_owner.get(page(workspace)), "workspace user → workspace admin")


def test_the_moment_itself_is_on_hover(as_owner, workspace, owner):
    with time_machine.travel("2026-03-02T14:05:06Z", tick=False):
        note(owner, "out")
    assertContains(as_owner.get(page(workspace)), 'title="2 March 2026, 14:05:06 UTC"')


def test_htmx_gets_the_table_alone(as_owner, workspace, owner):
    note(owner, "out")
    response = as_owner.get(page(workspace), headers={"HX-Request": "true"})
    assertNotContains(response, "<html")


def test_a_thousand_activities_take_as_many_queries_as_ten(as_owner, workspace, owner):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            as_owner.get(page(workspace))
        return len(captured)

    for number in range(10):
        note(owner, str(number))
    ten = queries()
    for number in range(990):
        note(owner, str(number))
    assert queries() == ten
