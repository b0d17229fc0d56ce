"""What people do to a job: ask for it again, call it off, say how it ended. For Admins and above.

Each raises PermissionDenied, or ConflictError where the job is not in a state for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from workspaces.activity.credentials import refuse_key
from workspaces.actor import Permission
from workspaces.automation import lifecycle, queries, workflows
from workspaces.automation.connectors import connectors
from workspaces.automation.models import IntegrationUser, Job
from workspaces.directory.roles import require

from .users import ConflictError

if TYPE_CHECKING:
    from workspaces.actor import Actor

Status = Job.Status
LONGEST_REASON = 500


def retry_job(actor: Actor, job: Job) -> Job:
    """Ask for a failed job again. What it did before it failed is not done twice."""
    with transaction.atomic():
        job = _found(actor, job)
        if not job.can_retry:
            raise ConflictError("Only a job that failed can be tried again.")
        if queries.has_been_undone(job):
            raise ConflictError("The person has been given an account since: remove them anew.")
        lifecycle.retry(actor, job)
    return job


def cancel_job(actor: Actor, job: Job) -> Job:
    """Call a job off; those it was to invite are users no more.

    What changes accounts is called off before it is carried out alone, for nobody would know of a
    change under way. A check only reads, and ends at its next step.
    """
    with transaction.atomic():
        job = _found(actor, job)
        if not may_be_cancelled(job):
            raise ConflictError("The job is being carried out, or is over.")
        if job.workflow_type == Job.WorkflowType.PROVIDE_ACCESS:
            job.integration.users.filter(
                member__user_id__in=job.payload["userIds"], status=IntegrationUser.Status.PENDING
            ).delete()
        lifecycle.fail(job, Job.ErrorType.CANCELLED, job.response, actor)
    return job


def mark_finished(actor: Actor, job: Job) -> Job:
    """Say that what the job asks for has been done by hand."""
    with transaction.atomic():
        job = _found(actor, job)
        _require_by_hand(job)
        lifecycle.finish(job, workflows.run(job, None, lambda: None), actor)
    return job


def mark_failed(actor: Actor, job: Job, reason: str) -> Job:
    """Say that what the job asks for cannot be done, and why."""
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON or "\0" in reason:  # which PostgreSQL does not hold
        raise ValidationError({"reason": f"Say why, in at most {LONGEST_REASON} characters."})
    refuse_key(reason)
    with transaction.atomic():
        job = _found(actor, job)
        _require_by_hand(job)
        lifecycle.fail(job, Job.ErrorType.MARKED_FAILED, {"reason": reason}, actor)
    return job


def waits_for_a_person(job: Job) -> bool:
    """Whether the job runs until someone says how it ended."""
    by_hand = not connectors()[job.integration.connector].is_automatic
    return by_hand and job.status == Status.RUNNING


def may_be_cancelled(job: Job) -> bool:
    """Whether the job can still be called off without leaving anything behind."""
    if job.workflow_type == Job.WorkflowType.GET_BUSINESS:
        return not job.is_over
    return job.status in {Status.CREATED, Status.RETRYING} or waits_for_a_person(job)


def _found(actor: Actor, job: Job) -> Job:
    """The job as it stands, locked. Raises Job.DoesNotExist where the actor does not see it."""
    require(actor, Permission.MANAGE_JOBS)
    return lifecycle.locked(queries.jobs_for(actor).get(pk=job.pk))


def _require_by_hand(job: Job) -> None:
    if not waits_for_a_person(job):
        raise ConflictError("The job does not wait for anyone.")
