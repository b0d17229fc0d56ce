"""Finds where a chain of activities has been tampered with, from the database alone.

What the database alone cannot show is a chain set back, whole, to a state it once had: that is
what exported checkpoints are for (`workspaces.activity.checkpoints`).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workspaces.sealing.keyring import UnknownKeyVersionError

from . import chain
from .models import Activity, ChainHead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from django.db.models import QuerySet

BATCH = 500


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain stands: what its next activity has to follow."""

    sequence: int = 0
    digest: str = chain.GENESIS
    key_version: int | None = None


class BrokenChainError(Exception):
    """The first thing that is wrong with a chain, at the activity numbered `sequence`."""

    def __init__(self, sequence: int, problem: str) -> None:
        super().__init__(f"activity {sequence}: {problem}")
        self.sequence = sequence


def chains() -> list[UUID]:
    """The workspaces of which any activity, or the head of a chain, is left."""
    told = Activity.objects.order_by().values_list("workspace_id", flat=True).distinct()
    headed = ChainHead.objects.values_list("workspace_id", flat=True)
    return sorted({*told, *headed})


def verify(workspace_id: UUID, on_progress: Callable[[int], object] = lambda _: None) -> Link:
    """Walk the workspace's chain and return its end. Raises BrokenChainError.

    Activities recorded meanwhile are left for the next time.
    """
    numbered = Activity.objects.filter(workspace_id=workspace_id).order_by("sequence")
    end = numbered.values_list("sequence", flat=True).last() or 0
    # Read after `end`, the head is never behind an activity that was recorded properly.
    head = ChainHead.objects.filter(workspace_id=workspace_id).first()
    last = Link()
    for activity in _walk(numbered, head.sequence if head else end):
        last = _following(last, activity)
        on_progress(1)
    if head is None and not last.sequence:
        raise BrokenChainError(1, "it is missing, and the whole chain with it")
    if head is None:
        raise BrokenChainError(last.sequence, "the head of the chain, which names it, is missing")
    if last.sequence < head.sequence:
        raise BrokenChainError(last.sequence + 1, "it is missing")
    if head.sequence < end:
        raise BrokenChainError(head.sequence + 1, "it stands behind the end of the chain")
    if not _same(head.digest, last.digest) or not _same(
        head.signature, _head_signature(head.key_version, workspace_id, last)
    ):
        raise BrokenChainError(head.sequence, "the head of the chain, which names it, was changed")
    return last


def _walk(numbered: QuerySet[Activity], end: int) -> Iterator[Activity]:
    """The activities up to `end`, in batches by number; it stops where a whole batch is missing."""
    batch = numbered.filter(sequence__lt=min(BATCH, end + 1))
    start = BATCH
    while batch.exists():
        yield from _readable(batch)
        batch = numbered.filter(sequence__gte=start, sequence__lt=min(start + BATCH, end + 1))
        start += BATCH


def _readable(batch: QuerySet[Activity]) -> list[Activity] | Iterator[Activity]:
    try:
        return list(batch)
    except (ValueError, TypeError):  # holds what no activity was ever written with
        return _one_by_one(batch)


def _one_by_one(batch: QuerySet[Activity]) -> Iterator[Activity]:
    for sequence in batch.values_list("sequence", flat=True):
        try:
            activities = list(batch.filter(sequence=sequence))
        except (ValueError, TypeError):
            raise BrokenChainError(sequence, "it was changed") from None
        yield from activities


def _following(last: Link, activity: Activity) -> Link:
    """The link that `activity` is. Raises BrokenChainError where it does not follow `last`."""
    sequence = last.sequence + 1
    if activity.sequence > sequence:
        raise BrokenChainError(sequence, "it is missing")
    if activity.sequence < sequence:
        raise BrokenChainError(activity.sequence, "it is there twice, or was never recorded")
    if not _same(activity.previous_digest, last.digest):
        raise BrokenChainError(sequence, "it does not follow the one before it")
    head_signature = _head_signature(
        last.key_version or activity.key_version, activity.workspace_id, last
    )
    if not _same(activity.digest, _digest(activity, head_signature)):
        raise BrokenChainError(sequence, "it was changed")
    return Link(sequence, activity.digest, activity.key_version)


def _digest(activity: Activity, head_signature: str) -> str:
    try:
        return chain.digest(activity, head_signature)
    except UnknownKeyVersionError as error:
        raise BrokenChainError(activity.sequence, str(error)) from None
    except (ValueError, TypeError, AttributeError):
        raise BrokenChainError(activity.sequence, "it was changed") from None


def _head_signature(key_version: int, workspace_id: UUID, link: Link) -> str:
    try:
        return chain.head_signature(key_version, workspace_id, link.sequence, link.digest)
    except UnknownKeyVersionError as error:
        raise BrokenChainError(max(link.sequence, 1), str(error)) from None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
