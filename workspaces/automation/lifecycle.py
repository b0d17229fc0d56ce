"""The states of a job and how it comes from one to the next; nothing else writes them.

The jobs of an integration whose connector works by itself run one after the other, in the order
in which they were asked for: what was asked later is never undone by what was asked before.

A job is attempted by one entry of the queue at a time, which its `task_id` names. Every step looks
at it under a lock, so that an entry whose lease was given to another can write nothing more.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from workspaces import metrics
from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.directory.queries import system_actor

from .connectors import connectors
from .models import OVER, Integration, Job
from .tasks import attempt

if TYPE_CHECKING:
    from datetime import datetime

    from workspaces.actor import Actor

    from .connectors.base import ConnectorError

Status = Job.Status

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.CREATED: frozenset({Status.STARTED, Status.ERROR}),
    # Started again: the worker that had the job is dead.
    Status.STARTED: frozenset({Status.STARTED, Status.RUNNING, Status.RETRYING, Status.ERROR}),
    Status.RUNNING: frozenset({Status.STARTED, Status.RETRYING, Status.FINISHED, Status.ERROR}),
    Status.RETRYING: frozenset({Status.STARTED, Status.ERROR}),
    Status.ERROR: frozenset({Status.RETRYING}),
    Status.FINISHED: frozenset(),
}

# How long an entry answers for its job without a sign of life. Longer than any single call, for
# there is one before each.
LEASE = timedelta(seconds=25)
# The waits between attempts; after the last, the job fails.
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 20, 60, 300))
LONGEST_WAIT = timedelta(minutes=10)


class SupersededError(Exception):
    """The job is over, or another entry of the queue has it."""


def create(
    actor: Actor,
    integration: Integration,
    workflow_type: str,
    payload: dict[str, Any],
    *,
    trigger: str = Job.Trigger.MANUAL,
) -> Job:
    """Ask for something of the integration, which the caller has locked, and queue it."""
    job = Job.objects.create(
        workspace_id=integration.workspace_id,
        integration=integration,
        workflow_type=workflow_type,
        trigger=trigger,
        payload=payload,
        created_by_id=actor.user_id,
    )
    queue_next(integration, job)
    record(
        actor,
        Event.JOB_CREATED,
        target=_target(job),
        users=len(payload.get("userIds", ())),
        entitlements=payload.get("entitlements", []),
        **_about(job),
    )
    return job


def queue_next(integration: Integration, asked: Job | None = None) -> None:
    """Queue what is next in the integration; by hand, everything is.

    Called with the integration locked.
    """
    if not connectors()[integration.connector].is_automatic:
        if asked is not None:
            _queue(asked)
        return
    under_way = integration.jobs.exclude(status__in=OVER).order_by("created_at", "id")
    first = under_way.first()
    if first is not None and not under_way.filter(task_id__isnull=False).exists():
        _queue(asked if asked == first else first)


def claim(job_id: UUID, task_id: UUID) -> Job | None:
    """The job, begun by the entry `task_id`; None where it is not this entry's to begin."""
    with transaction.atomic():
        try:
            job = _held(job_id, task_id)
        except SupersededError:
            return None
        if job.attempts <= len(BACK_OFF):
            job.attempts += 1
            _move(job, Status.STARTED, lease_until=timezone.now() + LEASE)
            return job
    reason = "Whatever worker tried it did not live to tell."
    fail(job, Job.ErrorType.INTERNAL_ERROR, {"reason": reason})
    return None


def begin(job: Job) -> None:
    """The application is being asked."""
    with transaction.atomic():
        _move(held(job), Status.RUNNING, lease_until=timezone.now() + LEASE)


def leave_to_people(job: Job) -> None:
    """From now on the job waits until an admin says how it ended."""
    with transaction.atomic():
        _move(held(job), Status.RUNNING, lease_until=None, task_id=None)


def keep(job: Job) -> None:
    """A sign of life. Raises SupersededError where the job is no longer this entry's."""
    held = Job.objects.filter(pk=job.pk, task_id=job.task_id).exclude(status__in=OVER)
    if not held.update(lease_until=timezone.now() + LEASE):
        raise SupersededError


def held(job: Job) -> Job:
    """The job as it stands, locked, if it is still this entry's. Raises SupersededError."""
    return _held(job.pk, job.task_id)


def put_back(job: Job) -> None:
    """The worker stops: the job goes on as soon as there is one again. It was no attempt."""
    with transaction.atomic():
        job = held(job)
        job.attempts -= 1
        _move(job, Status.RETRYING)
        _queue(job)


def finish(job: Job, response: dict[str, Any], actor: Actor | None = None) -> None:
    """What was asked for is done."""
    with transaction.atomic():
        integration = _locked_integration(job)
        job = held(job)
        _move(job, Status.FINISHED, response=response, error_type="", **_RELEASED)
        queue_next(integration)
        record(_by(job, actor), Event.JOB_FINISHED, target=_target(job), **_about(job))


def fail_or_retry(job: Job, error: ConnectorError, response: dict[str, Any]) -> None:
    """Try again after a while what may pass; fail at once what will not, or has been tried enough.

    `response` is kept: it says what was done before, and why it went no further.
    """
    if not error.may_pass or job.attempts > len(BACK_OFF):
        fail(job, error.error_type, response)
        return
    wait = BACK_OFF[job.attempts - 1]
    if error.retry_after is not None:
        # Cut before it is a timedelta, which cannot hold all that an application can write.
        asked = min(error.retry_after, LONGEST_WAIT.total_seconds())
        wait = max(wait, timedelta(seconds=asked))
    with transaction.atomic():
        job = held(job)
        _move(job, Status.RETRYING, response=response)
        _queue(job, after=timezone.now() + wait)


def fail(
    job: Job, error_type: str, response: dict[str, Any] | None, actor: Actor | None = None
) -> None:
    """The job ends without its work done."""
    with transaction.atomic():
        integration = _locked_integration(job)
        job = held(job)
        _move(job, Status.ERROR, error_type=error_type, response=response, **_RELEASED)
        queue_next(integration)
        if error_type == Job.ErrorType.CANCELLED:
            record(_by(job, actor), Event.JOB_CANCELLED, target=_target(job), **_about(job))
        else:
            record(
                _by(job, actor),
                Event.JOB_FAILED,
                target=_target(job),
                errorType=error_type,
                **_about(job),
            )


def retry(actor: Actor, job: Job) -> None:
    """A person asks for a failed job again, which the caller has locked with its integration."""
    job.attempts = 0
    _move(job, Status.RETRYING, error_type="", **_RELEASED)
    queue_next(job.integration, job)
    record(actor, Event.JOB_RETRIED, target=_target(job), **_about(job))


def take_up_again() -> int:
    """Queue anew the jobs whose entry has shown no sign of life; answer with how many."""
    overdue = Job.objects.filter(lease_until__lt=timezone.now())
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    taken = 0
    for job_id in overdue.order_by("lease_until").values_list("pk", flat=True)[:100]:
        with transaction.atomic():
            job = overdue.select_for_update(skip_locked=True, no_key=True).filter(pk=job_id).first()
            if job is None:
                continue
            if job.task_id and ready.filter(pk=job.task_id).exists():
                # It waits behind others; nobody has died.
                job.lease_until = timezone.now() + LEASE
                job.save(update_fields=["lease_until"])
            else:
                _queue(job)
                taken += 1
    return taken


def locked(job: Job) -> Job:
    """The job with its integration, both locked, as they stand."""
    integration = _locked_integration(job)
    job = Job.objects.select_for_update(no_key=True).get(pk=job.pk)
    job.integration = integration
    return job


_RELEASED: dict[str, None] = {"lease_until": None, "task_id": None}


def _queue(job: Job, after: datetime | None = None) -> None:
    """Give the job to a new entry of the queue; the one before it, if any, is void."""
    result = attempt.using(run_after=after).enqueue(str(job.pk))
    job.task_id = UUID(result.id)
    job.lease_until = (after or timezone.now()) + LEASE
    job.save(update_fields=["task_id", "lease_until", "updated_at"])


def _move(job: Job, status: str, **fields: Any) -> None:
    if status not in TRANSITIONS[job.status]:
        raise SupersededError
    job.status = status
    for name, value in fields.items():
        setattr(job, name, value)
    job.save()
    transaction.on_commit(partial(metrics.count_job_step, status))


def _held(job_id: UUID, task_id: UUID | None) -> Job:
    found = Job.objects.select_for_update(of=("self",), no_key=True).select_related("integration")
    job = found.filter(pk=job_id, task_id=task_id).exclude(status__in=OVER).first()
    if job is None:
        raise SupersededError
    return job


def _locked_integration(job: Job) -> Integration:
    """Always before the job: whoever locks both does so in this order."""
    return Integration.objects.select_for_update(no_key=True).get(pk=job.integration_id)


def _by(job: Job, actor: Actor | None) -> Actor:
    return actor or system_actor(job.workspace)


def _target(job: Job) -> Target:
    return Target("job", job.id, f"{job.get_workflow_type_display()}: {job.integration.label}")


def _about(job: Job) -> dict[str, Any]:
    integration = job.integration
    return {
        "workflowType": job.workflow_type,
        "integration": {"id": str(integration.id), "name": integration.label},
    }
