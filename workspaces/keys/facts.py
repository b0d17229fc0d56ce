"""All that is asked about a key, read in one query, and remembered under a lease.

The database's *epoch* is a counter that triggers advance in the transaction of every change of
what is asked here: of a key, its owner's membership, their user, their workspace, be it made by
hand. A process may serve from memory until `lease.SECONDS` after the start of its last look at
the epoch; it looks again before that, and forgets everything if the epoch has moved.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import Error, OperationalError

from workspaces import lease, metrics
from workspaces.actor import ActingKey, Actor, ActorType
from workspaces.directory.roles import permissions_of

from .models import ApiKey, Epoch
from .standing import lasting_reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from workspaces.actor import Origin

    from .standing import Reason

REMEMBERED = 10_000  # keys; about 17 MiB a process
RENEWED = 0.6  # of the lease: time enough to look before it ends
PATIENCE = 2.0  # seconds, for another's look: as for a connection
PATIENCE_IN_VAIN = 0.1  # while looks fail
SILENT = "the database does not tell the epoch of keys"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is asked about a key, in the order of `_COLUMNS`."""

    id: UUID
    key_id: str
    secret_hash: str
    name: str
    scopes: list[str]
    status: str
    created_at: datetime
    expires_at: datetime
    requests_per_minute: int | None
    workspace_id: UUID
    workspace_slug: str
    workspace_name: str
    workspace_requests_per_minute: int
    member_id: UUID | None
    role: str | None
    member_status: str | None
    user_id: UUID | None
    email: str | None
    first_name: str | None
    last_name: str | None
    user_is_active: bool | None

    # What follows from them, for every request that comes while they are remembered.

    lasting_reason: Reason | None = field(init=False)
    """Why the key opens nothing for as long as these are its facts."""

    good_until: float = field(init=False)
    """When the key ceases to open anything, in seconds since 1970; 0 where it does already."""

    _actor_but_origin: tuple[Any, ...] = field(init=False)

    def __post_init__(self) -> None:
        # Kept in slots, which are read without a search: a cached_property is looked for first.
        reason = lasting_reason(self)
        follows = {
            "lasting_reason": reason,
            "good_until": 0 if reason else self.expires_at.timestamp(),
            "_actor_but_origin": self._actor()[:-1],
        }
        for name, value in follows.items():
            object.__setattr__(self, name, value)

    def acting(self, origin: Origin) -> Actor:
        """The key's owner, acting through it from `origin`."""
        # The origin is an actor's last field. As `Actor(…)` does, for half of what that takes.
        return tuple.__new__(Actor, (*self._actor_but_origin, origin))

    def _actor(self) -> Actor:
        most = self.workspace_requests_per_minute
        key = ActingKey(
            id=self.id,
            key_id=self.key_id,
            name=self.name,
            scopes=frozenset(self.scopes),
            created_at=self.created_at,
            expires_at=self.expires_at,
            # The key's own limit, where that is lower.
            requests_per_minute=min(self.requests_per_minute or most, most),
        )
        return Actor(
            workspace_id=self.workspace_id,
            workspace_slug=self.workspace_slug,
            workspace_name=self.workspace_name,
            type=ActorType.API_KEY,
            user_id=self.user_id,
            member_id=self.member_id,
            name=f"{self.first_name} {self.last_name}".strip() or self.email or "",
            email=self.email or "",
            role=self.role,
            permissions=permissions_of(self.role or ""),
            key=key,
        )


_COLUMNS = (
    "id",
    "key_id",
    "secret_hash",
    "name",
    "scopes",
    "status",
    "created_at",
    "expires_at",
    "requests_per_minute",
    "workspace_id",
    "workspace__slug",
    "workspace__name",
    "workspace__requests_per_minute",
    "owner_id",
    "owner__role",
    "owner__status",
    "owner__user_id",
    "owner__user__email",
    "owner__user__first_name",
    "owner__user__last_name",
    "owner__user__is_active",
)


def read(key_id: str) -> Facts | None:
    """The facts of the key as the database has them now; None where there is no such key."""
    row = ApiKey.objects.filter(key_id=key_id).values_list(*_COLUMNS).first()
    return Facts(*row) if row else None


def read_epoch() -> int:
    """The epoch as it is now; 0 until something has changed for the first time."""
    return Epoch.objects.values_list("value", flat=True).first() or 0


class Memory:
    """What this process remembers of the facts; the oldest are forgotten.

    To find some takes no lock: the locks are for those who look, and who change something.
    """

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._clock = clock
        self._lock = threading.Lock()
        self._look_ended = threading.Condition(self._lock)
        self._looking = False  # one thread at a time
        self._facts: dict[str, Facts] = {}
        self._epoch: int | None = None
        self._looked_at = float("-inf")
        self._failed_at: float | None = None  # the last look, where it did

    def of(self, key_id: str) -> Facts | None:
        """The facts of the key, none of which has been out of date for longer than the lease.

        Raises what the database raises; an OperationalError where another's look takes too long.
        """
        if self._clock() - self._looked_at >= RENEWED * lease.SECONDS:
            self._renew()
        facts = self._facts.get(key_id)
        if facts is not None:
            return facts
        epoch = self._epoch
        metrics.facts_reads.inc()
        facts = read(key_id)
        if facts is not None:
            self._keep(key_id, facts, epoch)
        return facts

    def _renew(self) -> None:
        """Look at the epoch in time: one thread before the lease ends, while the others go on.

        Where it has ended, all of them wait for that one look, and fail with it. While looks fail,
        one looks and the others hardly wait: a queue would wait for one failure after the other.
        """
        asked_at, over = self._clock(), self._age() >= lease.SECONDS
        patience = PATIENCE if self._failed_at is None else PATIENCE_IN_VAIN
        with self._look_ended:
            if self._age() < RENEWED * lease.SECONDS or (self._looking and not over):
                return
            while self._looking:
                if not self._look_ended.wait(patience):
                    raise OperationalError(SILENT)
                # One that began after this was asked tells all that this has to know, however long
                # it took.
                if self._age() < RENEWED * lease.SECONDS or self._looked_at >= asked_at:
                    return
                if self._failed_at is not None and self._failed_at >= asked_at:
                    raise OperationalError(SILENT)
            self._looking = True
        try:
            self._look()
        finally:
            with self._look_ended:
                self._looking = False
                self._look_ended.notify_all()

    def _age(self) -> float:
        return self._clock() - self._looked_at

    def clear(self) -> None:
        with self._lock:
            self._facts = {}
            self._looked_at = float("-inf")

    def _look(self) -> None:
        began = self._clock()
        metrics.lease_reads.inc()
        try:
            epoch = read_epoch()
        except Error:
            self._failed_at = self._clock()
            raise
        with self._lock:
            if epoch != self._epoch:
                self._facts = {}
                self._epoch = epoch
            self._failed_at = None
            # Last: who finds the lease renewed finds nothing that is older than it.
            self._looked_at = began

    def _keep(self, key_id: str, facts: Facts, epoch: int | None) -> None:
        with self._lock:
            # Read under an epoch that has passed, they may tell of what was before it.
            if epoch == self._epoch:
                self._facts[key_id] = facts
                while len(self._facts) > self._size:
                    del self._facts[next(iter(self._facts))]


memory = Memory(REMEMBERED)
