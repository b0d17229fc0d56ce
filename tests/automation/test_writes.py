"""What a key asks of an integration: a job for what is right, and nothing for what is not."""

import uuid

import pytest
from django_tasks_db.models import DBTaskResult

from tests.asking import EVERY_SCOPE, ask, attributes, error
from tests.factories import (
    ApiKeyFactory,
    EntitlementFactory,
    IntegrationFactory,
    IntegrationUserFactory,
    JobFactory,
    MemberFactory,
)
from workspaces.activity.models import Activity
from workspaces.automation.models import Integration, IntegrationUser, Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=EVERY_SCOPE)


@pytest.fixture
def integration(key):
    integration = IntegrationFactory(owner=key.owner)
    EntitlementFactory(integration=integration, code="MEMBER")
    EntitlementFactory(integration=integration, code="BILLING", group="secondary")
    return integration


@pytest.fixture
def teammate(key):
    return MemberFactory(workspace=key.workspace)


@pytest.fixture
def path(integration):
    return f"/integrations/{integration.id}/users"


@pytest.fixture
def row(integration, teammate):
    row = IntegrationUserFactory(integration=integration, member=teammate)
    row.entitlements.set(integration.entitlements.filter(code="MEMBER"))
    return row


def invitation(*user_ids, entitlements=("MEMBER",), role="account_collaborator"):
    attributes = {
        "role": role,
        "entitlements": [{"id": code} for code in entitlements],
        "userIds": [str(user_id) for user_id in user_ids],
    }
    return {"data": {"type": "invite_tenant_users", "attributes": attributes}}


def replacement(*entitlements):
    attributes = {"entitlements": [{"id": code} for code in entitlements]}
    return {"data": {"type": "update_user_entitlement", "attributes": attributes}}


def change(**parts):
    listed = {
        name: {"entitlements": [{"id": code} for code in codes]} for name, codes in parts.items()
    }
    return {"data": listed}


def written():
    """Everything that a write would leave behind."""
    users = IntegrationUser.objects.order_by("id").values_list("id", "role", "status")
    return Job.objects.count(), DBTaskResult.objects.count(), Activity.objects.count(), list(users)


def created(answer):
    """The job that the answer names."""
    assert answer.status_code == 200, answer.content
    resource = answer.json()["data"]
    assert resource["type"] == "job"
    assert resource["attributes"] == {"status": "created"}
    return Job.objects.get(pk=resource["id"])


def test_an_invitation_makes_a_job_an_entry_in_the_queue_and_an_activity(key, path, teammate):
    job = created(ask(path, key, "POST", json=invitation(teammate.user_id, role="account_owner")))
    assert (job.workflow_type, job.trigger, job.created_by) == (
        "provide_access",
        "manual",
        key.owner.user,
    )
    assert job.payload == {
        "role": "account_owner",
        "entitlements": ["MEMBER"],
        "userIds": [str(teammate.user_id)],
    }
    assert DBTaskResult.objects.get(pk=job.task_id).args_kwargs["args"] == [str(job.id)]
    told = Activity.objects.get(event="JOB_CREATED", target_id=str(job.id))
    assert (told.actor_type, told.actor_id) == ("apiKey", key.id)
    assert (told.details["users"], told.details["entitlements"]) == (1, ["MEMBER"])


def test_who_is_invited_is_pending_and_sees_nothing_yet(key, path, integration, teammate):
    created(ask(path, key, "POST", json=invitation(teammate.user_id)))
    row = integration.users.get(member=teammate)
    assert (row.role, row.status) == ("collaborator", "pending")
    theirs = ApiKeyFactory(owner=teammate, scopes=EVERY_SCOPE)
    error(ask(path, theirs), 404)


def test_an_invitation_is_also_taken_at_the_other_path(key, integration, teammate):
    answer = ask(
        f"/integrations/{integration.id}/user", key, "POST", json=invitation(teammate.user_id)
    )
    assert created(answer).workflow_type == "provide_access"


def test_entitlements_are_replaced(key, path, row):
    answer = ask(
        f"{path}/{row.member.user_id}", key, "PATCH", json=replacement("BILLING", "BILLING")
    )
    job = created(answer)
    assert job.workflow_type == "update_access"
    assert job.payload == {"userIds": [str(row.member.user_id)], "entitlements": ["BILLING"]}


def test_entitlements_are_added_and_removed(key, path, row):
    body = change(add=["BILLING"], remove=["MEMBER"])
    job = created(ask(f"{path}/{row.member.user_id}/entitlements", key, "PATCH", json=body))
    assert job.workflow_type == "update_access"
    assert (job.payload["add"], job.payload["remove"]) == (["BILLING"], ["MEMBER"])


def test_a_user_is_removed(key, path, row):
    job = created(ask(f"{path}/{row.member.user_id}", key, "DELETE"))
    assert job.workflow_type == "revoke_access"
    assert job.payload["email"] == row.member.user.email


def test_an_integration_is_checked_for_updates(key, integration):
    body = {"data": {"type": "get_business", "attributes": {"integrationId": str(integration.id)}}}
    assert created(ask("/jobs", key, "POST", json=body)).workflow_type == "get_business"


def without(body, *steps):
    """`body` without what stands at `steps`."""
    *parents, last = steps
    part = body
    for step in parents:
        part = part[step]
    del part[last]
    return body


SOMEONE = "6f1ed002-ab5a-4b5e-8f4b-2f1f3b1f0c0d"


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        (invitation(SOMEONE), ["body", "data", "attributes", "userIds"]),
        (invitation(), ["body", "data", "attributes", "userIds"]),
        (
            invitation(*(uuid.UUID(int=number) for number in range(10_000))),
            ["body", "data", "attributes", "userIds"],
        ),
        (invitation("x"), ["body", "data", "attributes", "userIds", 0]),
        (invitation(SOMEONE, role="owner"), ["body", "data", "attributes", "role"]),
        (invitation(SOMEONE, entitlements=[]), ["body", "data", "attributes", "entitlements"]),
        (
            invitation(SOMEONE, entitlements=["\x00"]),
            ["body", "data", "attributes", "entitlements", 0, "id"],
        ),
        (
            invitation(SOMEONE, entitlements=["\ud800"]),
            ["body", "data", "attributes", "entitlements", 0, "id"],
        ),
        (without(invitation(SOMEONE), "data", "type"), ["body", "data", "type"]),
        ({**invitation(SOMEONE), "colour": "red"}, ["body", "colour"]),
        ([], ["body"]),
    ],
)
def test_an_invitation_that_makes_no_sense_is_a_400_that_says_where(key, path, body, loc):
    before = written()
    fault = error(ask(path, key, "POST", json=body), 400)
    assert fault["code"] == "validation_error"
    assert fault["meta"]["loc"] == loc
    assert written() == before


def test_an_unknown_entitlement_is_a_400_that_names_it(key, path, teammate):
    before = written()
    body = invitation(teammate.user_id, entitlements=["MEMBER", "KING"])
    fault = error(ask(path, key, "POST", json=body), 400)
    assert fault["meta"]["loc"] == ["body", "data", "attributes", "entitlements"]
    assert "KING" in fault["detail"]
    assert written() == before


def test_an_entitlement_of_another_integration_is_unknown(key, path, teammate):
    EntitlementFactory(code="FOREIGN", integration__owner=key.owner)
    body = invitation(teammate.user_id, entitlements=["FOREIGN"])
    assert error(ask(path, key, "POST", json=body), 400)["code"] == "validation_error"


@pytest.mark.parametrize("kind", ["foreign", "disabled"])
def test_who_is_no_live_member_is_not_invited(key, path, kind):
    member = (
        MemberFactory()
        if kind == "foreign"
        else MemberFactory(workspace=key.workspace, status="disabled")
    )
    before = written()
    fault = error(ask(path, key, "POST", json=invitation(member.user_id)), 400)
    assert str(member.user_id) in fault["detail"]
    assert written() == before


def test_one_unknown_among_many_leaves_all_uninvited(key, path, teammate):
    before = written()
    error(ask(path, key, "POST", json=invitation(teammate.user_id, SOMEONE)), 400)
    assert written() == before


def test_who_is_a_user_already_is_a_conflict(key, path, row):
    before = written()
    fault = error(ask(path, key, "POST", json=invitation(row.member.user_id)), 409)
    assert fault["code"] == "conflict"
    assert row.member.user.email in fault["detail"]
    assert written() == before


def test_a_disabled_integration_takes_no_jobs(key, path, integration, teammate):
    Integration.objects.filter(pk=integration.pk).update(status="disabled")
    before = written()
    error(ask(path, key, "POST", json=invitation(teammate.user_id)), 409)
    assert written() == before


@pytest.mark.parametrize(
    "body",
    [
        change(),
        change(add=[]),
        change(add=["KING"]),
        change(remove=["KING"]),
        change(add=["MEMBER"], remove=["MEMBER"]),
        change(replace=["MEMBER"]),
    ],
)
def test_a_change_that_makes_no_sense_is_a_400(key, path, row, body):
    before = written()
    answer = ask(f"{path}/{row.member.user_id}/entitlements", key, "PATCH", json=body)
    assert error(answer, 400)["code"] == "validation_error"
    assert written() == before


@pytest.mark.parametrize("entitlements", [[], ["KING"], ["MEMBER", ""]])
def test_a_replacement_that_makes_no_sense_is_a_400(key, path, row, entitlements):
    before = written()
    answer = ask(f"{path}/{row.member.user_id}", key, "PATCH", json=replacement(*entitlements))
    assert error(answer, 400)["code"] == "validation_error"
    assert written() == before


def test_the_last_owner_stays(key, path):
    before = written()
    error(ask(f"{path}/{key.owner.user_id}", key, "DELETE"), 409)
    assert written() == before


def writes(path, user_id):
    return [
        ask_with("POST", path, invitation(user_id)),
        ask_with("PATCH", f"{path}/{user_id}", replacement("MEMBER")),
        ask_with("PATCH", f"{path}/{user_id}/entitlements", change(add=["MEMBER"])),
        ask_with("DELETE", f"{path}/{user_id}", None),
    ]


def ask_with(method, path, body):
    return lambda key: ask(path, key, method, **({"json": body} if body else {}))


def test_a_collaborator_writes_nothing(path, row):
    theirs = ApiKeyFactory(owner=row.member, scopes=EVERY_SCOPE)
    before = written()
    for write in writes(path, row.member.user_id):
        assert error(write(theirs), 403)["code"] == "forbidden"
    assert written() == before


def test_whoever_does_not_see_it_writes_nothing(key, path, row):
    theirs = ApiKeyFactory(owner=key.workspace.owner, scopes=EVERY_SCOPE)
    before = written()
    for write in writes(path, row.member.user_id):
        error(write(theirs), 404)
    assert written() == before


def test_a_collaborator_checks_for_no_updates(integration, row):
    theirs = ApiKeyFactory(owner=row.member, scopes=EVERY_SCOPE)
    body = {"data": {"type": "get_business", "attributes": {"integrationId": str(integration.id)}}}
    assert error(ask("/jobs", theirs, "POST", json=body), 403)["code"] == "forbidden"
    assert not Job.objects.exists()


def test_a_failed_job_is_tried_again(key, integration):
    job = JobFactory(integration=integration, status="error", error_type="timed_out", attempts=6)
    told = attributes(ask(f"/jobs/{job.id}/retry", key, "POST"))
    assert (told["status"], told["canRetry"], told["errorDetails"]) == ("retrying", False, {})
    job.refresh_from_db()
    assert job.attempts == 0
    assert DBTaskResult.objects.filter(pk=job.task_id).exists()
    assert Activity.objects.filter(event="JOB_RETRIED", target_id=str(job.id)).count() == 1


@pytest.mark.parametrize(
    ("status", "error_type"), [("finished", ""), ("running", ""), ("error", "cancelled")]
)
def test_only_what_failed_is_tried_again(key, integration, status, error_type):
    job = JobFactory(integration=integration, status=status, error_type=error_type)
    before = written()
    error(ask(f"/jobs/{job.id}/retry", key, "POST"), 409)
    assert written() == before


def test_a_cancelled_invitation_leaves_nobody_invited(key, path, integration, teammate):
    job = created(ask(path, key, "POST", json=invitation(teammate.user_id)))
    told = attributes(ask(f"/jobs/{job.id}/cancel", key, "POST"))
    assert (told["status"], told["canRetry"]) == ("error", False)
    assert told["errorDetails"]["errorType"] == "cancelled"
    assert not integration.users.filter(member=teammate).exists()
    assert Activity.objects.filter(event="JOB_CANCELLED", target_id=str(job.id)).count() == 1


def test_what_is_over_is_not_cancelled(key, integration):
    job = JobFactory(integration=integration, status="finished")
    before = written()
    error(ask(f"/jobs/{job.id}/cancel", key, "POST"), 409)
    assert written() == before
