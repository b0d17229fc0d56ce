"""Tells a good API key from a bad one: one path for every request.

Form and tag, without the database; then the facts of the key, from memory under a lease or in one
query; then its secret; and only then what the facts say. Whoever does not hold the secret is told
one thing, whatever is wrong, and in a flood of wrong secrets to come again.
"""

from __future__ import annotations

import functools
import hmac
import logging
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from django.db import DatabaseError, transaction
from django.utils import timezone

from workspaces import metrics
from workspaces.actor import ActingKey, Actor, ActorType, Origin, Permission
from workspaces.directory.models import Member
from workspaces.directory.roles import permissions_of
from workspaces.sealing.keyring import Purpose, keyring

from . import hashing, material
from .facts import memory
from .guesses import guesses
from .models import ApiKey

if TYPE_CHECKING:
    from datetime import datetime

    from .facts import Facts
    from .material import Token

logger = logging.getLogger(__name__)

REMEMBERED = 10_000  # secrets; about 3 MiB a process


class Reason(StrEnum):
    """Why a key whose secret matched is refused (the contract's `meta.reason`)."""

    REMOVED = "removed"
    EXPIRED = "expired"
    DISABLED = "disabled"
    OWNER_REMOVED = "owner_removed"
    OWNER_DISABLED = "owner_disabled"
    OWNER_ROLE = "owner_role"
    OTHER_WORKSPACE = "other_workspace"


@dataclass(frozen=True, slots=True)
class Verified:
    """The key is good; `actor` is its owner, acting through it, so often at most."""

    actor: Actor
    requests_per_minute: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """The key opens nothing; `reason` is None where its secret was not shown to be known."""

    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The secret was not looked at: wrong ones come in a flood (`guesses`)."""


def verify(text: str, origin: Origin) -> Verified | Refusal | HeldBack:
    """Judge what came in the header. Raises only what the database raises."""
    try:
        token = material.parse(text)
    except material.MalformedKeyError:
        metrics.refused("tag")
        return Refusal()
    facts = memory.of(token.key_id)
    if facts is None or not _memo.knows(token, facts.secret_hash):
        if guesses.hold_back(token.key_id, exists=facts is not None):
            metrics.refused("held_back")
            return HeldBack()
        if not _secret_matches(token, facts):
            metrics.refused("secret" if facts else "unknown")
            guesses.failed(token.key_id)
            return Refusal()
    else:
        metrics.secrets_by_memo.inc()
    # A secret that matched is that of a key which exists.
    return _judged(token, cast("Facts", facts), origin)


def _secret_matches(token: Token, facts: Facts | None) -> bool:
    """Whether the secret is that of the key; argon2 is asked once a process and stored hash.

    A key that does not exist takes as long as a wrong secret.
    """
    if facts is None:
        hashing.matches(_hash_of_nothing(), token.secret)
        return False
    stored = facts.secret_hash
    if not hashing.matches(stored, token.secret, known=lambda: _memo.knows(token, stored)):
        return False
    _memo.remember(token, stored)
    if hashing.needs_rehash(stored):
        _rehash(token, facts)
    return True


@functools.cache
def _hash_of_nothing() -> str:
    return hashing.hash_secret(secrets.token_urlsafe())


def _rehash(token: Token, facts: Facts) -> None:
    """Store the secret's hash under the present parameters; the next request tries again."""
    try:
        with transaction.atomic():
            ApiKey.objects.filter(id=facts.id, secret_hash=facts.secret_hash).update(
                secret_hash=hashing.hash_secret(token.secret)
            )
    except DatabaseError:
        logger.warning("the secret of API key %s was not rehashed", token.key_id, exc_info=True)


def _judged(token: Token, facts: Facts, origin: Origin) -> Verified | Refusal:
    reason = _judge(facts, timezone.now())
    if reason:
        metrics.refused(reason)
        return Refusal(reason)
    most = facts.workspace_requests_per_minute
    return Verified(
        _actor(token.key_id, facts, origin), min(facts.requests_per_minute or most, most)
    )


def _judge(facts: Facts, now: datetime) -> Reason | None:  # noqa: PLR0911  (one for each reason)
    if facts.status == ApiKey.Status.REMOVED:
        return Reason.REMOVED
    if facts.status == ApiKey.Status.EXPIRED or facts.expires_at <= now:
        return Reason.EXPIRED
    if facts.status != ApiKey.Status.ACTIVE:
        return Reason.DISABLED
    if facts.member_id is None:
        return Reason.OWNER_REMOVED
    if facts.member_status != Member.Status.LIVE or not facts.user_is_active:
        return Reason.OWNER_DISABLED
    if Permission.OWN_KEYS not in permissions_of(facts.role or ""):
        return Reason.OWNER_ROLE
    return None


def _actor(key_id: str, facts: Facts, origin: Origin) -> Actor:
    email = facts.email or ""
    return Actor(
        workspace_id=facts.workspace_id,
        workspace_slug=facts.workspace_slug,
        workspace_name=facts.workspace_name,
        type=ActorType.API_KEY,
        user_id=facts.user_id,
        member_id=facts.member_id,
        name=f"{facts.first_name} {facts.last_name}".strip() or email,
        email=email,
        role=facts.role,
        permissions=permissions_of(facts.role or ""),
        key=ActingKey(
            id=facts.id,
            key_id=key_id,
            name=facts.name,
            scopes=frozenset(facts.scopes),
            created_at=facts.created_at,
            expires_at=facts.expires_at,
        ),
        origin=origin,
    )


class _Memo:
    """Which secrets matched which stored hash, in this process: HMACs, never a secret.

    A stored hash that changes is asked anew. The least recently used are forgotten.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, token: Token, secret_hash: str) -> bool:
        digest = self._digest(token)
        with self._lock:
            known = self._known.get(digest)
            if known is None:
                return False
            self._known.move_to_end(digest)
        return hmac.compare_digest(known, secret_hash)

    def remember(self, token: Token, secret_hash: str) -> None:
        with self._lock:
            self._known[self._digest(token)] = secret_hash
            while len(self._known) > self._size:
                self._known.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()

    def _digest(self, token: Token) -> bytes:
        key = keyring().current(Purpose.MEMO).material
        return hmac.digest(key, token.plaintext.encode("ascii"), "sha256")


_memo = _Memo(REMEMBERED)
