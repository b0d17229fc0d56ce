"""What the database keeps of a key's secret: its argon2id hash.

The parameters are the least that OWASP's Password Storage Cheat Sheet names for argon2id
(19 MiB, two passes, one lane): it means them for passwords, and 256 random bits need no more.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import argon2
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from django.conf import settings

from workspaces import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

_hasher = argon2.PasswordHasher(
    time_cost=2,
    memory_cost=19 * 1024,  # KiB
    parallelism=1,
    hash_len=32,
    salt_len=16,
    type=argon2.Type.ID,
)
# More at once than there are cores would only take memory, 19 MiB each, and time from requests
# that need no hash. Each process that serves has its share of the cores, and one at least.
_allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_cores = threading.BoundedSemaphore(max(1, _allowed // settings.SERVER_WORKERS))


def hash_secret(secret: str) -> str:
    """The hash of `secret`, with its salt and parameters (PHC string format)."""
    with _cores:
        return _hasher.hash(secret)


def matches(secret_hash: str, secret: str, known: Callable[[], bool] = lambda: False) -> bool:
    """Whether `secret_hash` was made of `secret`; what is no argon2 hash matches nothing.

    `known` is asked once there is a core for it: whether another thread has found out meanwhile
    that they match. Raises argon2's VerificationError where it cannot be computed, for want of
    memory.
    """
    with _cores:
        if known():
            return True
        metrics.secrets_by_argon2.inc()
        try:
            return _hasher.verify(secret_hash, secret)
        except (VerifyMismatchError, InvalidHashError):
            return False


def needs_rehash(secret_hash: str) -> bool:
    """Whether the parameters have changed since `secret_hash`, which must be a hash, was made."""
    return _hasher.check_needs_rehash(secret_hash)
