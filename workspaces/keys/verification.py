"""Tells a good API key from a bad one.

What this process has found out about a text it remembers (`memo`). Of any other it looks at form
and tag, without the database; then at the facts of the key, from memory under a lease or in one
query; then at its secret. Whether the key has expired is judged each time, all else once with its
facts. Whoever does not hold the secret is told one thing, whatever is wrong, and in a flood of
wrong secrets to come again.
"""

from __future__ import annotations

import functools
import logging
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db import DatabaseError, transaction

from workspaces import metrics
from workspaces.sealing.keyring import keyring

from . import hashing, material
from .facts import Facts, memory
from .guesses import guesses
from .memo import Known, memo
from .models import ApiKey
from .standing import Reason, why_refused

if TYPE_CHECKING:
    from workspaces.actor import Actor, Origin

    from .material import Token

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The key opens nothing; `reason` is None where its secret was not shown to be known."""

    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The secret was not looked at: wrong ones come in a flood (`guesses`)."""


def verify(text: str, origin: Origin) -> Actor | Refusal | HeldBack:
    """Judge what came in the header: a good key's owner acts through it, from `origin`.

    Raises only what the database raises.
    """
    # Of another length it is none: a header of kilobytes would keep the memo from others.
    known = memo.find(text) if len(text) == material.LENGTH and text.isascii() else None
    facts = memory.of(known.key_id) if known else None
    if known and facts and facts.secret_hash == known.secret_hash:
        metrics.secret_by_memo()
    else:
        found = _verified_anew(text)
        if not isinstance(found, Facts):
            return found
        facts = found
    now = time.time()
    if now < facts.good_until:
        return facts.acting(origin)
    reason = why_refused(facts, now)
    metrics.refused(reason)
    return Refusal(reason)


def _verified_anew(text: str) -> Facts | Refusal | HeldBack:
    """The facts of the key whose secret is in `text`."""
    ring = keyring()
    try:
        token = material.parse(text)
    except material.MalformedKeyError:
        metrics.refused("tag")
        return Refusal()
    facts = memory.of(token.key_id)
    if guesses.hold_back(token.key_id, exists=facts is not None):
        metrics.refused("held_back")
        return HeldBack()
    if not _secret_matches(token, facts):
        metrics.refused("secret" if facts else "unknown")
        guesses.failed(token.key_id)
        return Refusal()
    guesses.matched()
    facts = cast("Facts", facts)  # a secret that matched is that of a key which exists
    memo.remember(text, Known(facts.key_id, facts.secret_hash), ring)
    if hashing.needs_rehash(facts.secret_hash):
        _rehash(token, facts)
    return facts


def _secret_matches(token: Token, facts: Facts | None) -> bool:
    """Whether argon2 finds the secret to be that of the key.

    A key that does not exist takes as long as a wrong secret. A secret that another thread has
    been at meanwhile is not hashed again.
    """
    if facts is None:
        hashing.matches(_hash_of_nothing(), token.secret)
        return False
    known = Known(facts.key_id, facts.secret_hash)
    return hashing.matches(
        facts.secret_hash, token.secret, known=lambda: memo.find(token.plaintext) == known
    )


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
