"""The API's jobs."""

from typing import Annotated
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import Permission
from workspaces.automation import queries
from workspaces.automation.actions import jobs, users
from workspaces.automation.models import Job
from workspaces.contract.envelope import Document, Shape
from workspaces.contract.filters import CommaSeparated
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page, paged
from workspaces.contract.scopes import Scope, all_of

from .bodies import Check, refusals
from .shapes import Jobs, OneCreatedJob, OneJob, show_created, show_job

router = Operations(tags=["Automated jobs"])


class JobFilters(Shape):
    """What narrows the list of jobs."""

    status: Annotated[tuple[str, ...] | None, CommaSeparated(Job.Status)] = Field(
        None,
        alias="filter[status]",
        description="`created`, `started`, `running`, `retrying`, `finished`, `error`; "
        "comma-separated.",
    )
    workflow_type: Annotated[tuple[str, ...] | None, CommaSeparated()] = Field(
        None,
        alias="filter[workflowType]",
        description="Such as `provide_access`, `get_business`; comma-separated, an open set.",
    )


@router.operation(
    "GET",
    "/jobs",
    scopes=all_of(Scope.READ_AUTOMATIONS),
    permission=Permission.READ_JOBS,
    answers=Jobs,
)
def list_jobs(request: ApiRequest, page: Query[Page], filters: Query[JobFilters]) -> Document:
    """The jobs of the workspace, in the order in which they were asked for."""
    found = queries.jobs_for(
        request.actor,
        statuses=filters.status or (),
        workflow_types=filters.workflow_type or (),
    )
    return paged(request, page, found, show_job)


@router.operation(
    "GET",
    "/jobs/{id}",
    scopes=all_of(Scope.READ_AUTOMATIONS),
    permission=Permission.READ_JOBS,
    answers=OneJob,
)
def get_job(request: ApiRequest, job_id: PathEx[UUID, P(alias="id")]) -> OneJob:
    """One job: poll it until its status is `finished` or `error`."""
    return OneJob(data=show_job(queries.jobs_for(request.actor).get(pk=job_id)))


@router.operation(
    "POST",
    "/jobs",
    scopes=all_of(Scope.WRITE_AUTOMATIONS),
    permission=Permission.MANAGE_JOBS,
    answers=OneCreatedJob,
)
def create_job(request: ApiRequest, body: Check) -> OneCreatedJob:
    """Check an integration for updates (`get_business`): its Owners may. Poll the job."""
    integration_id = body.data.attributes.integration_id
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    with refusals({}):
        job = users.check_for_updates(request.actor, found)
    return show_created(job)


@router.operation(
    "POST",
    "/jobs/{id}/retry",
    scopes=all_of(Scope.WRITE_AUTOMATIONS),
    permission=Permission.MANAGE_JOBS,
    answers=OneJob,
)
def retry_job(request: ApiRequest, job_id: PathEx[UUID, P(alias="id")]) -> OneJob:
    """Try a failed job again, where its `canRetry` says so."""
    found = queries.jobs_for(request.actor).get(pk=job_id)
    with refusals({}):
        jobs.retry_job(request.actor, found)
    return OneJob(data=show_job(queries.jobs_for(request.actor).get(pk=job_id)))


@router.operation(
    "POST",
    "/jobs/{id}/cancel",
    scopes=all_of(Scope.WRITE_AUTOMATIONS),
    permission=Permission.MANAGE_JOBS,
    answers=OneJob,
)
def cancel_job(request: ApiRequest, job_id: PathEx[UUID, P(alias="id")]) -> OneJob:
    """Call off a job that is not being carried out yet, or a check at any time.

    It then ends as `error`, `cancelled`.
    """
    found = queries.jobs_for(request.actor).get(pk=job_id)
    with refusals({}):
        jobs.cancel_job(request.actor, found)
    return OneJob(data=show_job(queries.jobs_for(request.actor).get(pk=job_id)))
