"""The pages of jobs: the list, one job, and what people do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from workspaces.actor import Permission
from workspaces.automation import queries
from workspaces.automation.actions import jobs
from workspaces.automation.forms import FailureForm, JobFilterForm
from workspaces.directory.models import User
from workspaces.web import permitted

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from workspaces.actor import Actor
    from workspaces.automation.models import Job
    from workspaces.web import PageRequest

PAGE_SIZE = 25
PEOPLE_SHOWN = 25


@permitted(Permission.READ_JOBS)
@require_safe
def index(request: PageRequest, actor: Actor) -> HttpResponse:
    """The jobs of the workspace, newest first."""
    form = JobFilterForm(request.GET)
    wanted = form.wanted()
    found = queries.jobs_for(actor, **wanted).order_by("-created_at", "-id")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "automation/jobs/list/_jobs.html" if request.htmx else "automation/jobs/list/page.html",
        {"form": form, "page": page, "is_filtered": any(wanted.values())},
    )


@permitted(Permission.READ_JOBS)
@require_safe
def detail(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """One job: what was asked, of whom, and how far it has come."""
    job = _find(actor, pk)
    people = User.objects.filter(
        pk__in=job.payload.get("userIds", [])[:PEOPLE_SHOWN],
        memberships__workspace_id=actor.workspace_id,
    )
    manages = actor.may(Permission.MANAGE_JOBS)
    context = {
        "job": job,
        "people": people.order_by("first_name", "last_name", "id"),
        "more_people": max(0, len(job.payload.get("userIds", [])) - PEOPLE_SHOWN),
        "sees_integration": queries.integrations_for(actor).filter(pk=job.integration_id).exists(),
        "may_retry": manages and job.can_retry and not queries.has_been_undone(job),
        "may_cancel": manages and jobs.may_be_cancelled(job),
        "may_mark": manages and jobs.waits_for_a_person(job),
        "failure_form": FailureForm(),
    }
    return render(request, "automation/jobs/detail/page.html", context)


@permitted(Permission.MANAGE_JOBS)
@require_POST
def retry(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Ask for a failed job again."""
    job = _find(actor, pk)
    return _done(request, actor, job, lambda: jobs.retry_job(actor, job), "The job is tried again.")


@permitted(Permission.MANAGE_JOBS)
@require_POST
def cancel(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Call the job off."""
    job = _find(actor, pk)
    return _done(request, actor, job, lambda: jobs.cancel_job(actor, job), "The job is cancelled.")


@permitted(Permission.MANAGE_JOBS)
@require_POST
def finish(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Say that it has been done by hand."""
    job = _find(actor, pk)
    return _done(
        request, actor, job, lambda: jobs.mark_finished(actor, job), "The job is marked as done."
    )


@permitted(Permission.MANAGE_JOBS)
@require_POST
def fail(request: PageRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Say that it cannot be done, and why."""
    job = _find(actor, pk)
    reason = request.POST.get("reason", "")
    return _done(
        request,
        actor,
        job,
        lambda: jobs.mark_failed(actor, job, reason),
        "The job is marked as failed.",
    )


def _find(actor: Actor, pk: UUID) -> Job:
    return get_object_or_404(queries.jobs_for(actor), pk=pk)


def _done(
    request: PageRequest, actor: Actor, job: Job, act: Callable[[], object], done: str
) -> HttpResponse:
    try:
        act()
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, done)
    return redirect(reverse("automation:detail", args=[actor.workspace_slug, job.id]))
