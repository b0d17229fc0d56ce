"""The resources that the operations on integrations and jobs answer with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID  # noqa: TC003  (read when a class is made)

from workspaces.automation.models import Entitlement, IntegrationUser, Job
from workspaces.contract.envelope import (
    ListMeta,
    Many,
    One,
    Resource,
    Shape,
    Timestamp,
    one_of,
)

if TYPE_CHECKING:
    from workspaces.actor import Actor
    from workspaces.automation.models import Integration


class IntegrationAttributes(Shape):
    """What an integration is; `workspace` is its workspace's slug, `createdBy` a user's id."""

    application: str
    label: str
    workspace: str
    created_at: Timestamp
    created_by: UUID
    updated_at: Timestamp


class IntegrationResource(Resource[Literal["account"], IntegrationAttributes]):
    """An application whose users are managed through a connector."""


class OneIntegration(One[IntegrationResource]):
    pass


class Integrations(Many[IntegrationResource, ListMeta]):
    pass


class EntitlementAttributes(Shape):
    key: str
    value: str
    label: str
    group: Annotated[str, one_of(Entitlement.Group)]


class EntitlementResource(Shape):
    """What can be granted in an integration. Its id is a text, such as `MEMBER`."""

    id: str
    type: Literal["entitlement"]
    attributes: EntitlementAttributes


class Entitlements(Many[EntitlementResource, ListMeta]):
    pass


class IntegrationUserAttributes(Shape):
    email: str
    first_name: str
    last_name: str
    is_guest: bool
    role: Annotated[str, one_of(IntegrationUser.Role)]
    status: Annotated[str, one_of(IntegrationUser.Status)]
    entitlements: list[EntitlementResource]


class IntegrationUserMeta(Shape):
    """What the application tells of the user besides."""

    dynamic_fields: dict[str, Any]


class IntegrationUserResource(Resource[Literal["user"], IntegrationUserAttributes]):
    """A user of an integration; the id is the one that `/users` shows."""

    meta: IntegrationUserMeta


class OneIntegrationUser(One[IntegrationUserResource]):
    pass


class IntegrationUsers(Many[IntegrationUserResource, ListMeta]):
    pass


class JobAccount(Shape):
    """What the job is about: an integration."""

    entity: Literal["account"] = "account"
    id: UUID
    name: str
    provider: str


class JobErrorDetails(Shape):
    """Why the job failed; `userRequired`: a person has to mend something before a retry helps."""

    error_type: str
    screenshot_url: str | None
    user_required: bool


class NoErrorDetails(Shape):
    """The job has not failed."""


class JobCreator(Shape):
    """Who asked for the job; without an id, the system."""

    id: UUID | None
    name: str


class JobAttributes(Shape):
    account: JobAccount
    workflow_type: str
    status: Annotated[str, one_of(Job.Status)]
    trigger: Annotated[str, one_of(Job.Trigger)]
    can_retry: bool
    has_more_details: bool
    error_details: JobErrorDetails | NoErrorDetails
    payload: dict[str, Any]
    response: dict[str, Any] | None
    created_by: JobCreator
    workspace_policy_enforcement_id: UUID | None
    created_at: Timestamp
    updated_at: Timestamp


class JobResource(Resource[Literal["job"], JobAttributes]):
    """Something asked of an integration, and how far it has come."""


class OneJob(One[JobResource]):
    pass


class Jobs(Many[JobResource, ListMeta]):
    pass


class CreatedJobAttributes(Shape):
    status: Literal["created"] = "created"


class CreatedJob(Resource[Literal["job"], CreatedJobAttributes]):
    """A job just asked for, to be polled at `/jobs/{id}`."""


class OneCreatedJob(One[CreatedJob]):
    pass


def show_created(job: Job) -> OneCreatedJob:
    return OneCreatedJob(data=CreatedJob(id=job.id, type="job", attributes=CreatedJobAttributes()))


def show_integration(actor: Actor, integration: Integration) -> IntegrationResource:
    """The integration, seen from the actor's own workspace."""
    return IntegrationResource(
        id=integration.id,
        type="account",
        attributes=IntegrationAttributes(
            application=integration.application,
            label=integration.label,
            workspace=actor.workspace_slug,
            created_at=integration.created_at,
            created_by=integration.created_by_id,
            updated_at=integration.updated_at,
        ),
    )


def show_entitlement(entitlement: Entitlement) -> EntitlementResource:
    return EntitlementResource(
        id=entitlement.code,
        type="entitlement",
        attributes=EntitlementAttributes(
            key=entitlement.key,
            value=entitlement.value,
            label=entitlement.label,
            group=entitlement.group,
        ),
    )


def show_user(row: IntegrationUser) -> IntegrationUserResource:
    """The user, as `queries.users_of` reads them."""
    user = row.member.user
    granted = sorted(row.entitlements.all(), key=lambda entitlement: entitlement.code)
    return IntegrationUserResource(
        id=user.id,
        type="user",
        attributes=IntegrationUserAttributes(
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            is_guest=row.member.is_guest,
            role=row.role,
            status=row.status,
            entitlements=[show_entitlement(entitlement) for entitlement in granted],
        ),
        meta=IntegrationUserMeta(dynamic_fields=row.dynamic_fields),
    )


def show_job(job: Job) -> JobResource:
    """The job, as `queries.jobs_for` reads it."""
    integration, creator = job.integration, job.created_by
    return JobResource(
        id=job.id,
        type="job",
        attributes=JobAttributes(
            account=JobAccount(
                id=integration.id, name=integration.label, provider=integration.application
            ),
            workflow_type=job.workflow_type,
            status=job.status,
            trigger=job.trigger,
            can_retry=job.can_retry,
            has_more_details=bool(job.response),
            error_details=_error_details(job),
            payload=job.payload,
            response=job.response,
            created_by=JobCreator(
                id=creator.id if creator else None,
                name=creator.get_full_name() if creator else "cerbykeys",
            ),
            workspace_policy_enforcement_id=None,
            created_at=job.created_at,
            updated_at=job.updated_at,
        ),
    )


def _error_details(job: Job) -> JobErrorDetails | NoErrorDetails:
    if job.status != Job.Status.ERROR:
        return NoErrorDetails()
    return JobErrorDetails(
        error_type=job.error_type, screenshot_url=None, user_required=job.needs_a_person
    )
