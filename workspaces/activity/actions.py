"""The one way in which an activity is written."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from workspaces.actor import ActorType

from . import chain
from .credentials import holds_key, redacted
from .events import DETAILS, Event
from .models import Activity, ChainHead

if TYPE_CHECKING:
    from workspaces.actor import Actor


@dataclass(frozen=True, slots=True)
class Target:
    """What an event happened to; its name as it was at that time."""

    type: str
    id: UUID | str
    name: str = ""


def record(actor: Actor, event: Event, target: Target | None = None, **details: Any) -> Activity:
    """Add what `actor` did to the chain of its workspace, in the transaction of the change itself.

    Call it last in that transaction: it holds the chain until the commit. `details` are exactly
    those that `DETAILS` declares for the event: texts, whole numbers, booleans, times, ids, None,
    and lists and dictionaries of them. Names and what a client says of itself are shortened
    to fit and freed of API keys; an API key in the details is refused.

    Raises TransactionManagementError outside a transaction, ValueError and TypeError for details.
    """
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError("an activity is recorded in the transaction of its change")
    if details.keys() != DETAILS[event]:
        declared = ", ".join(sorted(DETAILS[event])) or "none"
        msg = f"{event} takes these details: {declared}; given: {', '.join(sorted(details))}"
        raise ValueError(msg)
    activity = Activity(
        workspace_id=actor.workspace_id,
        event=event.value,
        actor_type=ActorType.API_KEY if actor.key else actor.type,
        actor_id=actor.key.id if actor.key else actor.user_id,
        actor_email=actor.email,
        actor_name=actor.key.name if actor.key else actor.name,
        user_id=actor.user_id,
        target_type=target.type if target else "",
        target_id=str(target.id) if target else "",
        target_name=target.name if target else "",
        ip=_address(actor.origin.ip),
        user_agent=actor.origin.user_agent,
        request_id=actor.origin.request_id,
        details={name: _plain(value) for name, value in details.items()},
    )
    _fit(activity)
    _append(activity)
    return activity


def _fit(activity: Activity) -> None:
    """Free every text of API keys and of what a database cannot hold, and cut it to its length."""
    for field in Activity._meta.concrete_fields:
        if isinstance(field, CharField):
            text = getattr(activity, field.name).replace("\0", "")
            text = redacted(text.encode("utf-8", "replace").decode())
            setattr(activity, field.name, text[: field.max_length])


def _append(activity: Activity) -> None:
    """Put the activity at the end of its chain and move the head there."""
    key_version = chain.current_version()
    head = _locked_head(activity.workspace_id, key_version)
    activity.timestamp = timezone.now()
    activity.sequence = head.sequence + 1
    activity.previous_digest = head.digest
    activity.key_version = key_version
    activity.digest = chain.digest(activity, head.signature)
    activity.save(force_insert=True)
    _move(head, activity.sequence, activity.digest, key_version)
    head.save(force_update=True)


def _locked_head(workspace_id: UUID, key_version: int) -> ChainHead:
    locked = ChainHead.objects.select_for_update().filter(workspace_id=workspace_id)
    if head := locked.first():
        return head
    first = ChainHead(workspace_id=workspace_id)
    _move(first, 0, chain.GENESIS, key_version)
    # Whoever comes second in a race waits for the first, inserts nothing and locks theirs.
    ChainHead.objects.bulk_create([first], ignore_conflicts=True)
    return locked.get()


def _move(head: ChainHead, sequence: int, digest: str, key_version: int) -> None:
    head.sequence = sequence
    head.digest = digest
    head.key_version = key_version
    head.signature = chain.head_signature(key_version, head.workspace_id, sequence, digest)


def _address(ip: str | None) -> str | None:
    """The address in its canonical form, or None where it is none (a Unix socket has none)."""
    try:
        address = ipaddress.ip_address((ip or "").partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _plain(value: Any) -> Any:
    """`value` as JSON holds it, the same before and after the database."""
    plain: Any
    match value:
        case Enum():
            plain = _plain(value.value)
        case None | bool() | int():
            plain = value
        case str():
            plain = _checked(value)
        case UUID():
            plain = str(value)
        case datetime():
            plain = value.astimezone(UTC).isoformat()
        case dict():
            plain = {_checked(name): _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            plain = [_plain(inner) for inner in value]
        case set() | frozenset():
            plain = sorted(_plain(inner) for inner in value)
        case _:
            msg = f"the details of an activity cannot hold a {type(value).__name__}"
            raise TypeError(msg)
    return plain


def _checked(text: str) -> str:
    if holds_key(text):
        raise ValueError("the details of an activity must not hold an API key")
    return text.replace("\0", "").encode("utf-8", "replace").decode()
