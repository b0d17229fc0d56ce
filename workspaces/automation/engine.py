"""Carries a job out: one attempt, which ends it, puts it off, or leaves it to people."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from . import lifecycle, workflows
from .actions.integrations import token_of
from .connectors import connectors
from .connectors.base import ConnectorError, Link
from .models import Integration, Job

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

logger = logging.getLogger(__name__)

HIDDEN = "••••••••"

# How long one attempt may take: the jobs of all workspaces wait for it.
ATTEMPT_SECONDS = 600

# Set when the worker is asked to stop: what can be put off is put off.
stopping = threading.Event()


class StoppingError(Exception):
    """The worker stops before the next step."""


def carry_out(job_id: UUID, task_id: UUID) -> None:
    """Attempt the job as the queue's entry `task_id`, unless it is no longer that entry's."""
    job = lifecycle.claim(job_id, task_id)
    if job is None:
        return
    try:
        _attempt(job)
    except lifecycle.SupersededError:
        logger.warning("job %s was taken over, or called off", job.id)
    except StoppingError:
        lifecycle.put_back(job)


def _attempt(job: Job) -> None:
    integration = job.integration
    connector = connectors()[integration.connector]
    if integration.status != Integration.Status.ENABLED:
        reason = "The integration is disabled."
        lifecycle.fail(job, Job.ErrorType.INTEGRATION_DISABLED, {"reason": reason})
        return
    if connector.open is None:
        lifecycle.leave_to_people(job)
        return
    lifecycle.begin(job)
    deadline = time.monotonic() + ATTEMPT_SECONDS

    def may_go_on() -> None:
        _go_on(job, deadline)

    token = ""
    try:
        link = _link(integration, may_go_on)
        token = link.token
        with connector.open(link) as session:
            response = workflows.run(job, session, may_go_on)
    except (lifecycle.SupersededError, StoppingError):
        raise
    except ConnectorError as error:
        lifecycle.fail_or_retry(job, error, _told(error, token))
    except Exception:
        logger.exception("job %s failed unexpectedly", job.id)
        unforeseen = ConnectorError(Job.ErrorType.INTERNAL_ERROR, "Something failed here.")
        lifecycle.fail_or_retry(job, unforeseen, _told(unforeseen, token))
    else:
        lifecycle.finish(job, response)


def _link(integration: Integration, may_go_on: Callable[[], None]) -> Link:
    return Link(
        base_url=integration.base_url,
        token=token_of(integration),
        deletes=integration.removal == Integration.Removal.DELETE,
        may_go_on=may_go_on,
    )


def _go_on(job: Job, deadline: float) -> None:
    if stopping.is_set():
        raise StoppingError
    if time.monotonic() >= deadline:
        raise ConnectorError(Job.ErrorType.TIMED_OUT, "The application answered too slowly.")
    lifecycle.keep(job)


def _told(error: ConnectorError, token: str) -> dict[str, Any]:
    """What the job tells of its failure. An application may have repeated what it was sent."""

    def safe(reason: str) -> str:
        return reason.replace(token, HIDDEN) if token else reason

    if not isinstance(error, workflows.RefusedForSomeError):
        return {"reason": safe(error.reason)}
    refused = [{**one, "reason": safe(one["reason"])} for one in error.refused]
    return {"reason": safe(error.reason), "refused": refused}
