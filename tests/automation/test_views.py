"""The pages of integrations and jobs, for an owner, a teammate and a stranger."""

from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import (
    EntitlementFactory,
    IntegrationFactory,
    IntegrationUserFactory,
    JobFactory,
    MemberFactory,
)
from workspaces.activity.models import Activity
from workspaces.automation.actions.integrations import token_of
from workspaces.automation.models import Integration, Job
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db

TOKEN = "the-application-s-token"


@pytest.fixture
def owner():
    return MemberFactory()


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace)


@pytest.fixture
def integration(owner):
    integration = IntegrationFactory(owner=owner, label="Slack of all")
    EntitlementFactory(integration=integration, code="MEMBER", label="Member")
    return integration


@pytest.fixture
def row(integration, teammate):
    return IntegrationUserFactory(integration=integration, member=teammate)


@pytest.fixture
def as_owner(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def as_teammate(client, teammate):
    client.force_login(teammate.user)
    return client


def url(member, name, *args):
    return reverse(name, args=[member.workspace.slug, *args])


# Who gets in


@pytest.mark.parametrize("where", ["integrations:list", "integrations:create", "automation:list"])
def test_strangers_find_no_such_workspace(client, owner, where):
    client.force_login(MemberFactory().user)
    assert client.get(url(owner, where)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("where", ["integrations:create", "automation:list"])
def test_only_admins_connect_applications_and_see_jobs(client, owner, where):
    client.force_login(MemberFactory(workspace=owner.workspace, role=Role.USER).user)
    assert client.get(url(owner, where)).status_code == HTTPStatus.FORBIDDEN


def test_an_integration_that_is_not_shared_is_not_found(as_teammate, owner, integration):
    for name in ("detail", "update", "invite"):
        response = as_teammate.get(url(owner, f"integrations:{name}", integration.id))
        assert response.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("row")
def test_a_collaborator_sees_it_and_changes_nothing(as_teammate, owner, integration):
    page = as_teammate.get(url(owner, "integrations:detail", integration.id))
    assertContains(page, "Slack of all")
    assertNotContains(page, "Invite")
    assertNotContains(page, ">Change<")
    for name in ("update", "invite"):
        response = as_teammate.get(url(owner, f"integrations:{name}", integration.id))
        assert response.status_code == HTTPStatus.FORBIDDEN
    response = as_teammate.post(url(owner, "integrations:check", integration.id))
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert not Job.objects.exists()


@pytest.mark.parametrize("name", ["retry", "cancel", "finish", "fail"])
def test_only_admins_do_anything_to_jobs(client, owner, integration, name):
    job = JobFactory(integration=integration, status="running")
    client.force_login(MemberFactory(workspace=owner.workspace, role=Role.USER).user)
    response = client.post(url(owner, f"automation:{name}", job.id), {"reason": "So."})
    assert response.status_code == HTTPStatus.FORBIDDEN
    job.refresh_from_db()
    assert job.status == "running"


# Integrations


def test_the_list_shows_what_is_shared_and_is_searched(as_owner, owner, teammate, integration):
    IntegrationFactory(owner=teammate, label="Not mine")
    page = as_owner.get(url(owner, "integrations:list"))
    assertContains(page, integration.label)
    assertNotContains(page, "Not mine")
    assertContains(as_owner.get(url(owner, "integrations:list"), {"q": "SLACK"}), "Slack of all")
    assertContains(as_owner.get(url(owner, "integrations:list"), {"q": "x"}), "No integration")


def test_an_empty_list_offers_the_first_step(as_owner, owner):
    page = as_owner.get(url(owner, "integrations:list"))
    assertContains(page, url(owner, "integrations:create"), count=1)


def test_an_application_is_connected_and_its_token_sealed(as_owner, owner):
    response = as_owner.post(
        url(owner, "integrations:create"),
        {
            "application": "Okta",
            "label": "Okta",
            "connector": "scim",
            "base_url": "https://okta.example/scim/v2",
            "token": TOKEN,
            "removal": "delete",
        },
    )
    integration = Integration.objects.get(application="Okta")
    assertRedirects(response, url(owner, "integrations:detail", integration.id))
    assert token_of(integration) == TOKEN
    for page in ("detail", "update"):
        response = as_owner.get(url(owner, f"integrations:{page}", integration.id))
        assertNotContains(response, TOKEN)


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": ""},
        {"base_url": "ftp://okta.example/"},
        {"base_url": "https://user:secret@okta.example/"},
        {"base_url": "https://okta.example/?key=1"},
        {"base_url": "https://okta.example:99999/"},
        {"token": ""},
        {"token": "two words"},
        {"connector": "manual"},
        {"connector": "telepathy"},
        {"label": ""},
    ],
)
def test_what_could_not_work_is_not_connected(as_owner, owner, changes):
    asked = {
        "application": "Okta",
        "label": "Okta",
        "connector": "scim",
        "base_url": "https://okta.example/scim/v2",
        "token": TOKEN,
        "removal": "delete",
        **changes,
    }
    response = as_owner.post(url(owner, "integrations:create"), asked)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Integration.objects.exists()
    assertNotContains(response, TOKEN, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)


def test_another_address_takes_another_token(as_owner, owner):
    integration = IntegrationFactory(
        owner=owner, connector="scim", base_url="https://okta.example/v2", token=TOKEN
    )
    asked = {
        "label": "Okta",
        "base_url": "https://evil.example/v2",
        "removal": "deactivate",
        "status": "enabled",
    }
    path = url(owner, "integrations:update", integration.id)
    assert as_owner.post(path, asked).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    integration.refresh_from_db()
    assert integration.base_url == "https://okta.example/v2"
    as_owner.post(path, {**asked, "token": "another"})
    integration.refresh_from_db()
    assert (integration.base_url, token_of(integration)) == ("https://evil.example/v2", "another")
    told = Activity.objects.get(event="INTEGRATION_UPDATED")
    assert 'another"' not in str(told.details)
    assert TOKEN not in str(told.details)


def test_an_integration_is_disabled(as_owner, owner, integration):
    as_owner.post(
        url(owner, "integrations:update", integration.id),
        {"label": "Slack", "status": "disabled"},
    )
    integration.refresh_from_db()
    assert (integration.label, integration.status) == ("Slack", "disabled")


def test_entitlements_are_added_and_removed(as_owner, owner, integration):
    path = url(owner, "integrations:add_entitlement", integration.id)
    as_owner.post(path, {"code": "ADMIN", "label": "Administrator", "group": "secondary"})
    added = integration.entitlements.get(code="ADMIN")
    assert (added.value, added.key, added.group) == ("ADMIN", "entitlement", "secondary")
    twice = as_owner.post(path, {"code": "ADMIN", "label": "Administrator", "group": "primary"})
    assert twice.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    as_owner.post(url(owner, "integrations:remove_entitlement", integration.id, added.id))
    assert not integration.entitlements.filter(code="ADMIN").exists()


def test_what_someone_has_is_not_removed(as_owner, owner, integration, row):
    granted = integration.entitlements.get(code="MEMBER")
    row.entitlements.add(granted)
    as_owner.post(url(owner, "integrations:remove_entitlement", integration.id, granted.id))
    assert integration.entitlements.filter(code="MEMBER").exists()


# Its users


def test_people_are_invited(as_owner, owner, integration, teammate):
    path = url(owner, "integrations:invite", integration.id)
    assertContains(as_owner.get(path), teammate.user.email)
    asked = {
        "user_ids": [str(teammate.user_id)],
        "role": "collaborator",
        "entitlements": ["MEMBER"],
    }
    assertRedirects(as_owner.post(path, asked), url(owner, "integrations:detail", integration.id))
    assert Job.objects.get().workflow_type == "provide_access"
    assert integration.users.get(member=teammate).status == "pending"


@pytest.mark.usefixtures("row")
def test_who_is_a_user_is_not_offered(as_owner, owner, integration, teammate):
    page = as_owner.get(url(owner, "integrations:invite", integration.id))
    assertNotContains(page, teammate.user.email)


def test_what_a_user_is_granted_is_changed(as_owner, owner, integration, row):
    path = url(owner, "integrations:grant", integration.id, row.member.user_id)
    as_owner.post(path, {"entitlements": ["MEMBER"]})
    assert Job.objects.get().payload["entitlements"] == ["MEMBER"]


def test_everything_is_taken_from_a_user(as_owner, owner, integration, row):
    row.entitlements.add(integration.entitlements.get(code="MEMBER"))
    as_owner.post(url(owner, "integrations:grant", integration.id, row.member.user_id), {})
    assert Job.objects.get().payload["remove"] == ["MEMBER"]


def test_a_role_is_changed_at_once(as_owner, owner, integration, row):
    path = url(owner, "integrations:change_role", integration.id, row.member.user_id)
    as_owner.post(path, {"role": "owner"})
    row.refresh_from_db()
    assert row.role == "owner"
    assert Activity.objects.filter(event="INTEGRATION_SHARED").count() == 1


def test_the_last_owner_stays_one(as_owner, owner, integration):
    path = url(owner, "integrations:change_role", integration.id, owner.user_id)
    page = as_owner.post(path, {"role": "collaborator"}, follow=True)
    assertContains(page, "at least one Owner")
    assert integration.users.get(member=owner).role == "owner"


def test_a_user_is_removed(as_owner, owner, integration, row):
    assertContains(
        as_owner.get(url(owner, "integrations:user", integration.id, row.member.user_id)),
        row.member.user.email,
    )
    as_owner.post(url(owner, "integrations:remove_user", integration.id, row.member.user_id))
    assert Job.objects.get().workflow_type == "revoke_access"


# Jobs


def test_jobs_are_listed_and_filtered(as_owner, owner, integration):
    JobFactory(integration=integration, status="running")
    JobFactory(integration=integration, workflow_type="revoke_access", status="finished")
    page = as_owner.get(url(owner, "automation:list"))
    assertContains(page, ">Check for updates</a>")
    assertContains(page, ">Revoke access</a>")
    page = as_owner.get(url(owner, "automation:list"), {"status": "running"})
    assertNotContains(page, ">Revoke access</a>")
    page = as_owner.get(url(owner, "automation:list"), {"workflow": "provide_access"})
    assertContains(page, "No job matches")


def test_the_list_asks_as_often_for_many_jobs_as_for_few(as_owner, owner, integration):
    JobFactory(integration=integration)
    path = url(owner, "automation:list")
    with CaptureQueriesContext(connection) as of_one:
        as_owner.get(path)
    JobFactory.create_batch(20, integration=integration)
    with CaptureQueriesContext(connection) as of_many:
        as_owner.get(path)
    assert len(of_one) == len(of_many)


def test_a_job_by_hand_is_marked_as_done(as_owner, owner, integration, row):
    job = JobFactory(
        integration=integration,
        workflow_type="revoke_access",
        status="running",
        payload={"userIds": [str(row.member.user_id)], "email": "", "remoteId": ""},
    )
    page = as_owner.get(url(owner, "automation:detail", job.id))
    assertContains(page, "Mark as done")
    assertContains(page, row.member.user.email)
    as_owner.post(url(owner, "automation:finish", job.id))
    job.refresh_from_db()
    assert job.status == "finished"
    assert not integration.users.filter(pk=row.pk).exists()


def test_a_job_by_hand_is_marked_as_failed_with_its_reason(as_owner, owner, integration):
    job = JobFactory(integration=integration, status="running")
    as_owner.post(url(owner, "automation:fail", job.id), {"reason": "No seat is left."})
    page = as_owner.get(url(owner, "automation:detail", job.id))
    assertContains(page, "No seat is left.")
    assertContains(page, "Try again")


def test_a_job_is_tried_again_and_cancelled(as_owner, owner, integration):
    job = JobFactory(integration=integration, status="error", error_type="timed_out")
    as_owner.post(url(owner, "automation:retry", job.id))
    job.refresh_from_db()
    assert job.status == "retrying"
    as_owner.post(url(owner, "automation:cancel", job.id))
    job.refresh_from_db()
    assert (job.status, job.error_type) == ("error", "cancelled")


def test_what_cannot_be_done_to_a_job_is_said(as_owner, owner, integration):
    job = JobFactory(integration=integration, status="finished")
    page = as_owner.post(url(owner, "automation:cancel", job.id), follow=True)
    assertContains(page, "The job is being carried out, or is over.")
