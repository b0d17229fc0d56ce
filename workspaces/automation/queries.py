"""What an actor may see of integrations and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import BooleanField, Count, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils import timezone

from .models import OVER, Entitlement, Integration, IntegrationUser, Job

if TYPE_CHECKING:
    from collections.abc import Collection

    from django_stubs_ext import WithAnnotations

    from workspaces.actor import Actor

    SharedIntegration = WithAnnotations[Integration, "WithRole"]


class WithRole(TypedDict):
    """What `integrations_for` adds: the actor's own role in the integration."""

    role: str


def integrations_for(actor: Actor) -> QuerySet[SharedIntegration]:
    """The integrations in which the actor is a live user, in the order in which they came."""
    if actor.member_id is None:
        return Integration.objects.none().annotate(role=F("users__role"))
    return (
        Integration.objects.filter(
            workspace_id=actor.workspace_id,
            users__member_id=actor.member_id,
            users__status=IntegrationUser.Status.LIVE,
        )
        .annotate(role=F("users__role"))
        .order_by("created_at", "id")
    )


def integrations_with_users(actor: Actor) -> QuerySet[SharedIntegration]:
    """The integrations that the actor shares, each with its number of users, `user_count`."""
    users = (
        IntegrationUser.objects.filter(integration_id=OuterRef("pk"))
        .order_by()
        .values("integration_id")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return integrations_for(actor).annotate(user_count=Subquery(users))


def entitlements_of(integration: Integration) -> QuerySet[Entitlement]:
    """What can be granted in the integration, by its id."""
    return integration.entitlements.order_by("code")


def users_of(integration: Integration) -> QuerySet[IntegrationUser]:
    """The integration's users with what they are granted, in the order in which they came."""
    return (
        integration.users.select_related("member__user")
        .prefetch_related("entitlements")
        .order_by("created_at", "id")
    )


def jobs_for(
    actor: Actor, *, statuses: Collection[str] = (), workflow_types: Collection[str] = ()
) -> QuerySet[Job]:
    """The jobs of the actor's workspace, in the order in which they were asked for.

    Asked only for actors who may read jobs.
    """
    found = Job.objects.filter(workspace_id=actor.workspace_id).select_related(
        "integration", "created_by"
    )
    if statuses:
        found = found.filter(status__in=statuses)
    if workflow_types:
        found = found.filter(workflow_type__in=workflow_types)
    return found.order_by("created_at", "id")


def has_been_undone(job: Job) -> bool:
    """Whether the job would take from someone the account that they were given after it."""
    return (
        job.workflow_type == Job.WorkflowType.REVOKE_ACCESS
        and job.integration.users.filter(
            member__user_id__in=job.payload["userIds"],
            status=IntegrationUser.Status.LIVE,
            created_at__gt=job.created_at,
        ).exists()
    )


# Beyond that, a queue is too long whatever its length.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Queue:
    """How many jobs there are in each state but the last two, and since when the oldest waits."""

    jobs: dict[str, int]
    oldest_waiting_seconds: float


# Spelt as the index jobs_under_way spells it: SQLite does not see that parameters say the same.
_UNDER_WAY = RawSQL("NOT (status IN ('finished', 'error'))", [], output_field=BooleanField())


def queue() -> Queue:
    """The jobs of all workspaces that have not ended, in one query that is bounded."""
    under_way = Job.objects.filter(_UNDER_WAY).order_by().values_list("status", "created_at")
    jobs = {status.value: 0 for status in Job.Status if status not in OVER}
    now = oldest = timezone.now()
    for status, created_at in under_way[:MOST_COUNTED]:
        jobs[status] += 1
        if status == Job.Status.CREATED:
            oldest = min(oldest, created_at)
    return Queue(jobs, (now - oldest).total_seconds())
