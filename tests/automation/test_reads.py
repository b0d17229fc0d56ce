"""What a key reads of integrations and jobs: its owner's, a teammate's, a stranger's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.asking import EVERY_SCOPE, ask, attributes, error, ids
from tests.factories import (
    ApiKeyFactory,
    EntitlementFactory,
    IntegrationFactory,
    IntegrationUserFactory,
    JobFactory,
    MemberFactory,
)
from workspaces.automation.models import IntegrationUser, Job
from workspaces.directory.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=EVERY_SCOPE)


@pytest.fixture
def integration(key):
    return IntegrationFactory(owner=key.owner, application="Slack", label="Slack of all")


@pytest.fixture
def teammate(key):
    return MemberFactory(workspace=key.workspace)


def moment(at):
    return at.isoformat(timespec="microseconds")


def test_an_integration_is_told_as_an_account(key, integration):
    [resource] = ask("/integrations", key).json()["data"]
    assert (resource["id"], resource["type"]) == (str(integration.id), "account")
    assert resource["attributes"] == {
        "application": "Slack",
        "label": "Slack of all",
        "workspace": key.workspace.slug,
        "createdAt": moment(integration.created_at),
        "createdBy": str(key.owner.user_id),
        "updatedAt": moment(integration.updated_at),
    }
    assert ask(f"/integrations/{integration.id}", key).json()["data"] == resource


def test_a_collaborator_sees_the_integration(key, teammate):
    theirs = IntegrationFactory(owner=teammate)
    IntegrationUserFactory(integration=theirs, member=key.owner)
    assert ids(ask("/integrations", key)) == [str(theirs.id)]


@pytest.mark.parametrize("status", ["pending", "disabled"])
def test_who_is_not_a_live_user_does_not_see_it(key, teammate, status):
    theirs = IntegrationFactory(owner=teammate)
    IntegrationUserFactory(integration=theirs, member=key.owner, status=status)
    assert ids(ask("/integrations", key)) == []
    error(ask(f"/integrations/{theirs.id}", key), 404)


def test_the_workspace_owner_sees_no_more_than_others(key, integration):
    theirs = ApiKeyFactory(owner=key.workspace.owner, scopes=EVERY_SCOPE)
    assert ids(ask("/integrations", theirs)) == []
    error(ask(f"/integrations/{integration.id}/users", theirs), 404)


def test_entitlements_bear_their_own_ids(key, integration):
    EntitlementFactory(integration=integration, code="MEMBER", label="Member")
    EntitlementFactory(integration=integration, code="ADMIN", label="Admin", group="secondary")
    EntitlementFactory(code="FOREIGN")
    answer = ask(f"/integrations/{integration.id}/entitlements", key)
    assert ids(answer) == ["ADMIN", "MEMBER"]
    assert answer.json()["data"][1] == {
        "id": "MEMBER",
        "type": "entitlement",
        "attributes": {"key": "role", "value": "MEMBER", "label": "Member", "group": "primary"},
    }


def test_a_user_is_told_with_what_they_are_granted(key, integration, teammate):
    row = IntegrationUserFactory(
        integration=integration, member=teammate, dynamic_fields={"title": "Designer"}
    )
    row.entitlements.add(EntitlementFactory(integration=integration, code="MEMBER"))
    answer = ask(f"/integrations/{integration.id}/users/{teammate.user_id}", key)
    resource = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(teammate.user_id), "user")
    assert resource["meta"] == {"dynamicFields": {"title": "Designer"}}
    [granted] = resource["attributes"].pop("entitlements")
    assert granted["id"] == "MEMBER"
    assert resource["attributes"] == {
        "email": teammate.user.email,
        "firstName": teammate.user.first_name,
        "lastName": teammate.user.last_name,
        "isGuest": False,
        "role": "collaborator",
        "status": "live",
    }


def test_users_are_also_at_the_path_of_another_published_version(key, integration):
    one = ask(f"/integrations/{integration.id}/user", key)
    assert one.json()["data"] == ask(f"/integrations/{integration.id}/users", key).json()["data"]
    assert attributes(one)[0]["role"] == "owner"


def test_a_member_who_is_no_user_of_the_integration_is_not_there(key, integration, teammate):
    error(ask(f"/integrations/{integration.id}/users/{teammate.user_id}", key), 404)


def test_a_job_is_told_with_what_it_is_about(key, integration):
    job = JobFactory(integration=integration, payload={"userIds": []})
    resource = ask(f"/jobs/{job.id}", key).json()["data"]
    assert (resource["id"], resource["type"]) == (str(job.id), "job")
    assert resource["attributes"] == {
        "account": {
            "entity": "account",
            "id": str(integration.id),
            "name": "Slack of all",
            "provider": "Slack",
        },
        "workflowType": "get_business",
        "status": "created",
        "trigger": "manual",
        "canRetry": False,
        "hasMoreDetails": False,
        "errorDetails": {},
        "payload": {"userIds": []},
        "response": None,
        "createdBy": {
            "id": str(key.owner.user_id),
            "name": key.owner.user.get_full_name(),
        },
        "workspacePolicyEnforcementId": None,
        "createdAt": moment(job.created_at),
        "updatedAt": moment(job.updated_at),
    }


@pytest.mark.parametrize(
    ("error_type", "can_retry", "user_required"),
    [("unauthorized", True, True), ("timed_out", True, False), ("cancelled", False, False)],
)
def test_a_failed_job_says_why_and_whether_to_ask_again(
    key, integration, error_type, can_retry, user_required
):
    job = JobFactory(
        integration=integration, status="error", error_type=error_type, response={"reason": "So."}
    )
    told = attributes(ask(f"/jobs/{job.id}", key))
    assert told["canRetry"] is can_retry
    assert told["hasMoreDetails"] is True
    assert told["errorDetails"] == {
        "errorType": error_type,
        "screenshotUrl": None,
        "userRequired": user_required,
    }


def test_an_admin_sees_the_jobs_of_integrations_that_are_not_theirs(key, teammate):
    job = JobFactory(integration__owner=teammate)
    assert ids(ask("/jobs", key)) == [str(job.id)]


def test_jobs_are_filtered_by_status_and_by_workflow(key, integration):
    done = JobFactory(integration=integration, status=Job.Status.FINISHED)
    revoked = JobFactory(integration=integration, workflow_type="revoke_access", status="running")
    assert ids(ask("/jobs", key, query={"filter[status]": "finished,error"})) == [str(done.id)]
    told = ask("/jobs", key, query={"filter[workflowType]": "revoke_access,setup_mfa"})
    assert ids(told) == [str(revoked.id)]
    assert ids(ask("/jobs", key, query={"filter[workflowType]": "password_rotation"})) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("filter[status]", "done"), ("filter[status]", ""), ("filter[workflowType]", "a b,")],
)
def test_a_filter_that_makes_no_sense_is_a_400(key, name, value):
    fault = error(ask("/jobs", key, query={name: value}), 400)
    assert fault["meta"]["loc"] == ["query", name]


def add_integrations(_key, integration, count):
    for _ in range(count):
        IntegrationFactory(owner=integration.users.get().member)


def add_entitlements(_key, integration, count):
    EntitlementFactory.create_batch(count, integration=integration)


def add_integration_users(key, integration, count):
    granted = EntitlementFactory(integration=integration)
    for number in range(count):
        user = User(email=f"{count}-{number}@people.example")
        user.save()
        member = MemberFactory(workspace=key.workspace, user=user)
        row = IntegrationUser.objects.create(integration=integration, member=member)
        row.entitlements.add(granted)


def add_jobs(key, integration, count):
    Job.objects.bulk_create(
        Job(
            workspace=key.workspace,
            integration=integration,
            workflow_type="get_business",
            created_by=key.owner.user,
        )
        for _ in range(count)
    )


@pytest.mark.parametrize(
    ("path", "add", "queries"),
    [
        ("/integrations", add_integrations, 3),
        ("/integrations/{id}/entitlements", add_entitlements, 4),
        ("/integrations/{id}/users", add_integration_users, 5),
        ("/jobs", add_jobs, 3),
    ],
)
def test_a_list_asks_as_often_for_many_rows_as_for_few(key, integration, path, add, queries):
    path = path.replace("{id}", str(integration.id))
    add(key, integration, 2)
    ask("/key", key)  # argon2 and the use of the key are behind
    with CaptureQueriesContext(connection) as of_few:
        assert len(ids(ask(path, key))) >= 2
    add(key, integration, 20)
    with CaptureQueriesContext(connection) as of_many:
        assert len(ids(ask(path, key))) >= 22
    assert len(of_many) == len(of_few) == queries
