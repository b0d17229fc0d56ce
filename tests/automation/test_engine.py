"""A job's way from the queue to its end, by hand and through a connector made up for the test."""

import contextlib
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from tests.factories import (
    EntitlementFactory,
    IntegrationFactory,
    IntegrationUserFactory,
    MemberFactory,
)
from workspaces.activity.models import Activity
from workspaces.automation import connectors, engine, lifecycle
from workspaces.automation.actions import jobs, users
from workspaces.automation.actions.users import ConflictError
from workspaces.automation.connectors.base import Account, Connector, ConnectorError, Grant
from workspaces.automation.models import Integration, Job
from workspaces.directory.actions import remove_member
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


class Application:
    """Answers as it is told to, and remembers what it was asked."""

    def __init__(self):
        self.accounts = {}
        self.surveyed = []
        self.errors = []
        self.asked = []

    @contextlib.contextmanager
    def open(self, link):
        self.link = link
        yield self

    def _ask(self, *asked):
        self.asked.append(asked)
        if self.errors and (error := self.errors.pop(0)):
            raise error

    def provide(self, person, grants):
        self._ask("provide", person.email)
        self.accounts[person.email] = {grant.value for grant in grants}
        return f"remote-{person.email}"

    def update(self, person, grants):
        self._ask("update", person.email)
        self.accounts[person.email] = {grant.value for grant in grants}

    def revoke(self, person):
        self._ask("revoke", person.email)
        self.accounts.pop(person.email, None)

    def survey(self):
        self._ask("survey")
        return self.surveyed


@pytest.fixture
def application(monkeypatch):
    application = Application()
    made_up = Connector("made-up", "Made up", "For a test.", open=application.open)
    everything = {**connectors.connectors(), "made-up": made_up}
    for module in (connectors, lifecycle, engine, jobs):
        monkeypatch.setattr(module, "connectors", lambda: everything)
    return application


@pytest.fixture
def owner():
    return MemberFactory()


@pytest.fixture
def actor(owner):
    return actor_for(owner)


@pytest.fixture
def integration(owner):
    integration = IntegrationFactory(owner=owner)
    EntitlementFactory(integration=integration, code="MEMBER")
    EntitlementFactory(integration=integration, code="BILLING", group="secondary")
    return integration


@pytest.fixture
def automatic(integration, application):
    assert application
    Integration.objects.filter(pk=integration.pk).update(connector="made-up")
    integration.refresh_from_db()
    return integration


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace)


def invite(actor, integration, *members):
    return users.invite_users(
        actor,
        integration,
        role="collaborator",
        entitlements=["MEMBER"],
        user_ids=[member.user_id for member in members],
    )


def work(job):
    """One attempt, as the worker makes it."""
    job.refresh_from_db()
    entry = job.task_id
    engine.carry_out(job.id, entry)
    DBTaskResult.objects.filter(pk=entry).update(status=TaskResultStatus.SUCCESSFUL)
    job.refresh_from_db()
    return job.status


def events(job):
    return list(
        Activity.objects.filter(target_id=str(job.id))
        .order_by("sequence")
        .values_list("event", flat=True)
    )


# By hand


def test_a_job_by_hand_runs_until_someone_says_it_is_done(actor, integration, teammate):
    job = invite(actor, integration, teammate)
    assert work(job) == "running"
    jobs.mark_finished(actor, job)
    row = integration.users.get(member=teammate)
    assert row.status == "live"
    assert [granted.code for granted in row.entitlements.all()] == ["MEMBER"]
    job.refresh_from_db()
    assert (job.status, job.response) == ("finished", {"users": 1})
    assert events(job) == ["JOB_CREATED", "JOB_FINISHED"]


def test_a_job_by_hand_that_failed_says_why_and_may_be_tried_again(actor, integration, teammate):
    job = invite(actor, integration, teammate)
    work(job)
    jobs.mark_failed(actor, job, "There is no licence left.")
    job.refresh_from_db()
    assert (job.status, job.error_type) == ("error", "marked_failed")
    assert job.response == {"reason": "There is no licence left."}
    assert integration.users.get(member=teammate).status == "pending"
    jobs.retry_job(actor, job)
    assert work(job) == "running"
    assert events(job) == ["JOB_CREATED", "JOB_FAILED", "JOB_RETRIED"]


def test_a_job_by_hand_is_cancelled_while_it_runs(actor, integration, teammate):
    job = invite(actor, integration, teammate)
    work(job)
    jobs.cancel_job(actor, job)
    assert not integration.users.filter(member=teammate).exists()
    assert events(job) == ["JOB_CREATED", "JOB_CANCELLED"]


def test_jobs_by_hand_do_not_wait_for_each_other(actor, integration, teammate):
    first = invite(actor, integration, teammate)
    second = users.check_for_updates(actor, integration)
    assert [work(first), work(second)] == ["running", "running"]


def test_nobody_says_how_a_job_ended_that_does_not_wait_for_them(actor, automatic, teammate):
    job = invite(actor, automatic, teammate)
    for mark in (jobs.mark_finished, lambda *asked: jobs.mark_failed(*asked, "So.")):
        with pytest.raises(ConflictError):
            mark(actor, job)
    job.refresh_from_db()
    assert job.status == "created"


def test_only_admins_say_how_a_job_ended(owner, actor, integration, teammate):
    job = invite(actor, integration, teammate)
    work(job)
    someone = actor_for(MemberFactory(workspace=owner.workspace, role=Role.USER))
    with pytest.raises(PermissionDenied):
        jobs.mark_finished(someone, job)
    job.refresh_from_db()
    assert job.status == "running"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b", f"cerby_{'x' * 12}_{'y' * 54}"])
def test_a_failure_needs_a_reason_that_is_no_credential(actor, integration, teammate, reason):
    job = invite(actor, integration, teammate)
    work(job)
    with pytest.raises(ValidationError):
        jobs.mark_failed(actor, job, reason)
    job.refresh_from_db()
    assert job.status == "running"


# Through a connector


def test_an_invitation_gives_an_account_with_what_is_granted(
    actor, automatic, application, teammate
):
    job = invite(actor, automatic, teammate)
    assert work(job) == "finished"
    assert application.accounts == {teammate.user.email: {"MEMBER"}}
    row = automatic.users.get(member=teammate)
    assert (row.status, row.remote_id) == ("live", f"remote-{teammate.user.email}")
    assert events(job) == ["JOB_CREATED", "JOB_FINISHED"]


def test_more_and_less_is_reckoned_from_what_the_user_has(actor, automatic, application, teammate):
    work(invite(actor, automatic, teammate))
    job = users.change_entitlements(
        actor, automatic, teammate.user_id, add=["BILLING"], remove=["MEMBER"]
    )
    assert work(job) == "finished"
    assert application.accounts == {teammate.user.email: {"BILLING"}}
    row = automatic.users.get(member=teammate)
    assert [granted.code for granted in row.entitlements.all()] == ["BILLING"]


def test_a_removed_user_has_no_account_and_sees_nothing(actor, automatic, application, teammate):
    work(invite(actor, automatic, teammate))
    assert work(users.remove_user(actor, automatic, teammate.user_id)) == "finished"
    assert application.accounts == {}
    assert not automatic.users.filter(member=teammate).exists()


def test_what_will_not_pass_fails_at_once_and_changes_nobody(
    actor, automatic, application, teammate
):
    application.errors = [ConnectorError(Job.ErrorType.UNAUTHORIZED, "The token was refused.")]
    job = invite(actor, automatic, teammate)
    assert work(job) == "error"
    assert (job.error_type, job.can_retry, job.attempts) == ("unauthorized", True, 1)
    assert job.response == {"reason": "The token was refused."}
    assert automatic.users.get(member=teammate).status == "pending"
    assert events(job) == ["JOB_CREATED", "JOB_FAILED"]


def test_what_may_pass_is_tried_again_after_a_while(actor, automatic, application, teammate):
    application.errors = [ConnectorError(Job.ErrorType.SERVER_ERROR, "It failed.")] * 3
    job = invite(actor, automatic, teammate)
    waits = []
    for _ in range(3):
        assert work(job) == "retrying"
        waits.append(DBTaskResult.objects.get(pk=job.task_id).run_after - timezone.now())
    assert waits == sorted(waits)
    assert work(job) == "finished"
    assert (job.error_type, job.attempts) == ("", 4)


def test_an_application_that_asks_for_patience_gets_it(actor, automatic, application, teammate):
    application.errors = [
        ConnectorError(Job.ErrorType.RATE_LIMITED, "Not so fast.", retry_after=120)
    ]
    job = invite(actor, automatic, teammate)
    assert work(job) == "retrying"
    wait = DBTaskResult.objects.get(pk=job.task_id).run_after - timezone.now()
    assert timedelta(seconds=110) < wait <= timedelta(seconds=120)


@pytest.mark.parametrize("seconds", [1e15, float("inf")])
def test_no_application_is_waited_for_longer_than_ten_minutes(
    actor, automatic, application, teammate, seconds
):
    application.errors = [
        ConnectorError(Job.ErrorType.RATE_LIMITED, "Not so fast.", retry_after=seconds)
    ]
    job = invite(actor, automatic, teammate)
    assert work(job) == "retrying"
    wait = DBTaskResult.objects.get(pk=job.task_id).run_after - timezone.now()
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


def test_what_never_passes_fails_in_the_end(actor, automatic, application, teammate):
    application.errors = [ConnectorError(Job.ErrorType.TIMED_OUT, "No answer.")] * 10
    job = invite(actor, automatic, teammate)
    seen = [work(job) for _ in range(6)]
    assert seen == ["retrying"] * 5 + ["error"]
    assert (job.error_type, job.needs_a_person) == ("timed_out", False)


def test_an_attempt_that_takes_too_long_is_ended_and_tried_again(
    actor, automatic, application, teammate, monkeypatch
):
    job = invite(actor, automatic, teammate)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "ATTEMPT_SECONDS", 0)
        assert work(job) == "retrying"
    assert job.response == {"reason": "The application answered too slowly."}
    assert application.asked == []
    assert work(job) == "finished"
    assert application.accounts == {teammate.user.email: {"MEMBER"}}


def test_a_check_that_takes_too_long_every_time_fails(actor, automatic, application, monkeypatch):
    monkeypatch.setattr(engine, "ATTEMPT_SECONDS", 0)
    application.surveyed = [account("nobody@elsewhere.example")]
    job = users.check_for_updates(actor, automatic)
    assert [work(job) for _ in range(6)] == ["retrying"] * 5 + ["error"]
    assert job.error_type == "timed_out"


def test_those_whom_the_application_refuses_do_not_keep_others_out(
    owner, actor, automatic, application, teammate
):
    second = MemberFactory(workspace=owner.workspace)
    application.errors = [ConnectorError(Job.ErrorType.REFUSED, "Not this one."), None]
    job = invite(actor, automatic, teammate, second)
    assert work(job) == "error"
    assert job.response["refused"] == [{"id": str(teammate.user_id), "reason": "Not this one."}]
    statuses = {row.member: row.status for row in automatic.users.exclude(member=owner)}
    assert statuses == {teammate: "pending", second: "live"}


def test_a_retry_does_only_what_is_left(owner, actor, automatic, application, teammate):
    second = MemberFactory(workspace=owner.workspace)
    application.errors = [None, ConnectorError(Job.ErrorType.TIMED_OUT, "No answer.")]
    job = invite(actor, automatic, teammate, second)
    assert [work(job), work(job)] == ["retrying", "finished"]
    assert [email for _, email in application.asked].count(teammate.user.email) == 1
    assert [email for _, email in application.asked].count(second.user.email) == 2


def test_what_an_application_repeats_of_the_token_is_hidden():
    error = ConnectorError(Job.ErrorType.REFUSED, "No: a-token\0\ud800")
    assert engine._told(error, "a-token") == {"reason": "No: ••••••••?"}


def test_an_unforeseen_failure_is_tried_again_and_told_to_no_one(
    actor, automatic, application, teammate
):
    application.errors = [KeyError("hunter2")]
    job = invite(actor, automatic, teammate)
    assert work(job) == "retrying"
    assert "hunter2" not in str(job.response)


def test_jobs_of_an_integration_run_in_the_order_asked_for(actor, automatic, application, teammate):
    application.errors = [ConnectorError(Job.ErrorType.TIMED_OUT, "No answer.")]
    first = invite(actor, automatic, teammate)
    second = users.set_entitlements(actor, automatic, teammate.user_id, ["BILLING"])
    assert second.task_id is None
    assert work(first) == "retrying"
    second.refresh_from_db()
    assert second.task_id is None
    assert work(first) == "finished"
    assert work(second) == "finished"
    assert application.accounts == {teammate.user.email: {"BILLING"}}


def test_a_disabled_integration_s_jobs_fail(actor, automatic, application, teammate):
    job = invite(actor, automatic, teammate)
    Integration.objects.filter(pk=automatic.pk).update(status="disabled")
    assert work(job) == "error"
    assert job.error_type == "integration_disabled"
    assert application.asked == []


def test_an_update_of_someone_who_left_fails(actor, automatic, application, teammate):
    IntegrationUserFactory(integration=automatic, member=teammate)
    job = users.set_entitlements(actor, automatic, teammate.user_id, ["MEMBER"])
    automatic.users.filter(member=teammate).delete()
    assert work(job) == "error"
    assert job.error_type == "not_found"
    assert application.asked == []


def test_a_removal_of_who_has_been_given_an_account_since_is_not_tried_again(
    actor, automatic, application, teammate
):
    work(invite(actor, automatic, teammate))
    remove_member(actor_for(automatic.workspace.owner), teammate)
    removal = Job.objects.get(workflow_type="revoke_access")
    application.errors = [ConnectorError(Job.ErrorType.UNAUTHORIZED, "The token was refused.")]
    assert work(removal) == "error"
    again = MemberFactory(workspace=automatic.workspace, user=teammate.user)
    assert work(invite(actor, automatic, again)) == "finished"
    with pytest.raises(ConflictError):
        jobs.retry_job(actor, removal)
    removal.refresh_from_db()
    assert (removal.status, events(removal)) == ("error", ["JOB_CREATED", "JOB_FAILED"])


def test_a_removal_that_failed_is_tried_again(actor, automatic, application, teammate):
    work(invite(actor, automatic, teammate))
    removal = users.remove_user(actor, automatic, teammate.user_id)
    application.errors = [ConnectorError(Job.ErrorType.UNAUTHORIZED, "The token was refused.")]
    assert work(removal) == "error"
    jobs.retry_job(actor, removal)
    assert work(removal) == "finished"
    assert application.accounts == {}


# Checking for updates


def account(email, *grants, **options):
    return Account(
        **{
            "remote_id": f"remote-{email}",
            "email": email,
            "is_active": True,
            "grants": grants,
            "fields": {},
            **options,
        }
    )


def test_a_check_learns_entitlements_and_users(owner, actor, automatic, application, teammate):
    application.surveyed = [
        account(
            teammate.user.email.upper(),
            Grant("ADMIN", "Administrator", is_primary=True),
            Grant("BILLING", "Billing", is_primary=False),
            fields={"title": "Designer"},
        ),
        account("nobody@elsewhere.example"),
    ]
    job = users.check_for_updates(actor, automatic)
    assert work(job) == "finished"
    assert job.response == {"accounts": 2, "added": 1, "updated": 0, "removed": 0, "unknown": 1}
    row = automatic.users.get(member=teammate)
    assert (row.role, row.status, row.dynamic_fields) == (
        "collaborator",
        "live",
        {"title": "Designer"},
    )
    assert {granted.code for granted in row.entitlements.all()} == {"ADMIN", "BILLING"}
    learnt = automatic.entitlements.get(code="ADMIN")
    assert (learnt.label, learnt.group, learnt.key) == ("Administrator", "primary", "role")
    assert automatic.users.get(member=owner).status == "live"


def test_a_check_that_is_called_off_goes_no_further(actor, automatic, application, monkeypatch):
    job = users.check_for_updates(actor, automatic)

    def call_off_meanwhile():
        jobs.cancel_job(actor, job)
        yield account("nobody@elsewhere.example")
        pytest.fail("Another account was asked for.")

    monkeypatch.setattr(application, "survey", call_off_meanwhile)
    assert work(job) == "error"
    assert (job.error_type, job.response, job.task_id) == ("cancelled", None, None)
    assert events(job) == ["JOB_CREATED", "JOB_CANCELLED"]


def test_a_change_of_accounts_under_way_is_not_called_off(
    actor, automatic, application, teammate, monkeypatch
):
    job = invite(actor, automatic, teammate)
    answer = application.provide

    def call_off_meanwhile(person, grants):
        with pytest.raises(ConflictError):
            jobs.cancel_job(actor, job)
        return answer(person, grants)

    monkeypatch.setattr(application, "provide", call_off_meanwhile)
    assert work(job) == "finished"


def test_a_second_account_of_someone_is_passed_over(actor, automatic, application, teammate):
    application.surveyed = [
        account(teammate.user.email, remote_id="1"),
        account(teammate.user.email, remote_id="2"),
    ]
    job = users.check_for_updates(actor, automatic)
    assert work(job) == "finished"
    assert (job.response["added"], job.response["unknown"]) == (1, 1)
    assert automatic.users.get(member=teammate).remote_id == "1"


def test_a_check_leaves_those_who_are_invited_to_their_invitation(
    actor, automatic, application, teammate
):
    application.surveyed = [account(teammate.user.email)]
    check = users.check_for_updates(actor, automatic)
    job = invite(actor, automatic, teammate)
    assert [work(check), work(job)] == ["finished", "finished"]
    assert application.accounts[teammate.user.email] == {"MEMBER"}
    row = automatic.users.get(member=teammate)
    assert [granted.code for granted in row.entitlements.all()] == ["MEMBER"]


def test_a_check_finds_who_was_deactivated_and_who_is_gone(
    owner, actor, automatic, application, teammate
):
    gone = MemberFactory(workspace=owner.workspace)
    IntegrationUserFactory(integration=automatic, member=teammate, remote_id="1")
    IntegrationUserFactory(integration=automatic, member=gone, remote_id="2")
    application.surveyed = [account(teammate.user.email, is_active=False)]
    assert work(users.check_for_updates(actor, automatic)) == "finished"
    assert automatic.users.get(member=teammate).status == "disabled"
    assert not automatic.users.filter(member=gone).exists()


def test_an_integration_whose_owners_are_gone_falls_to_the_workspace_owner(
    owner, actor, automatic, application
):
    automatic.users.filter(member=owner).update(remote_id="1")
    application.surveyed = []
    assert work(users.check_for_updates(actor, automatic)) == "finished"
    row = automatic.users.get()
    assert (row.member, row.role, row.status) == (owner.workspace.owner, "owner", "live")


# When a worker dies, stops, or is too late


def test_a_dead_worker_s_job_is_taken_up_again(actor, automatic, application, teammate):
    job = invite(actor, automatic, teammate)
    dead = job.task_id
    assert lifecycle.claim(job.id, dead)
    DBTaskResult.objects.filter(pk=dead).update(status=TaskResultStatus.RUNNING)
    assert lifecycle.take_up_again() == 0
    with time_machine.travel(timezone.now() + lifecycle.LEASE + timedelta(seconds=1), tick=True):
        assert lifecycle.take_up_again() == 1
        assert work(job) == "finished"
    assert application.asked == [("provide", teammate.user.email)]


def test_who_was_held_for_dead_writes_nothing_more(actor, automatic, application, teammate):
    job = invite(actor, automatic, teammate)
    late = lifecycle.claim(job.id, job.task_id)
    with time_machine.travel(timezone.now() + lifecycle.LEASE + timedelta(seconds=1), tick=True):
        DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
        lifecycle.take_up_again()
        for write in (
            lambda: lifecycle.keep(late),
            lambda: lifecycle.begin(late),
            lambda: lifecycle.finish(late, {}),
            lambda: lifecycle.put_back(late),
        ):
            with pytest.raises(lifecycle.SupersededError):
                write()
        engine.carry_out(late.id, late.task_id)
    assert application.asked == []


def test_a_job_that_only_waits_in_the_queue_is_left_there(actor, automatic, teammate):
    job = invite(actor, automatic, teammate)
    with time_machine.travel(timezone.now() + lifecycle.LEASE * 2, tick=True):
        assert lifecycle.take_up_again() == 0
    assert DBTaskResult.objects.get().id == job.task_id


def test_a_job_by_hand_is_not_taken_for_dead(actor, integration, teammate):
    work(invite(actor, integration, teammate))
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=True):
        assert lifecycle.take_up_again() == 0


def test_a_job_that_kills_its_workers_fails_in_the_end(actor, automatic, application, teammate):
    job = invite(actor, automatic, teammate)
    Job.objects.filter(pk=job.pk).update(attempts=len(lifecycle.BACK_OFF) + 1)
    assert work(job) == "error"
    assert job.error_type == "internal_error"
    assert application.asked == []


def test_a_worker_that_stops_puts_the_job_back(
    monkeypatch, actor, automatic, application, teammate
):
    second = MemberFactory(workspace=teammate.workspace)
    job = invite(actor, automatic, teammate, second)
    stops = iter([False, True])
    monkeypatch.setattr(engine.stopping, "is_set", lambda: next(stops))
    assert work(job) == "retrying"
    assert job.attempts == 0
    monkeypatch.undo()
    assert [email for _, email in application.asked] == [teammate.user.email]


def test_a_cancelled_job_is_not_carried_out(actor, automatic, application, teammate):
    job = invite(actor, automatic, teammate)
    entry = job.task_id
    jobs.cancel_job(actor, job)
    engine.carry_out(job.id, entry)
    job.refresh_from_db()
    assert (job.status, job.error_type) == ("error", "cancelled")
    assert application.asked == []


# When a member goes


def test_who_leaves_the_workspace_loses_their_accounts(
    owner, actor, automatic, application, teammate
):
    work(invite(actor, automatic, teammate))
    email = teammate.user.email
    remove_member(actor_for(owner.workspace.owner), teammate)
    job = Job.objects.get(workflow_type="revoke_access")
    assert (job.trigger, job.created_by) == ("user_deprovisioned", None)
    assert work(job) == "finished"
    assert application.asked[-1] == ("revoke", email)
    assert application.accounts == {}


def test_who_comes_back_is_invited_however_late_their_account_is_taken_away(
    owner, actor, automatic, application, teammate
):
    work(invite(actor, automatic, teammate))
    remove_member(actor_for(owner.workspace.owner), teammate)
    back = MemberFactory(workspace=owner.workspace, user=teammate.user)
    job = invite(actor, automatic, back)
    assert work(Job.objects.get(workflow_type="revoke_access")) == "finished"
    assert work(job) == "finished"
    assert job.response == {"users": 1}
    assert application.accounts[teammate.user.email] == {"MEMBER"}


def test_an_integration_keeps_an_owner_when_its_only_one_leaves(owner, integration):
    remove_member(actor_for(owner.workspace.owner), owner)
    row = integration.users.get()
    assert (row.member, row.role, row.status) == (integration.workspace.owner, "owner", "live")
