"""What the queue carries: one entry, one attempt at a job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django_tasks import task

if TYPE_CHECKING:
    from django_tasks import TaskContext


@task(takes_context=True)
def attempt(context: TaskContext, job_id: str) -> None:
    """Carry out the job, as the entry that `context` names."""
    from .engine import carry_out  # noqa: PLC0415  (which queues what comes next)

    carry_out(UUID(job_id), UUID(context.task_result.id))
