"""Envelope encryption of what must be read again: sealed for one place, under its workspace's key.

Each workspace has a data key, wrapped by the master key of the keyring. A sealed value carries
the version of its data key and opens only in the place that it was sealed for.
"""

from __future__ import annotations

import functools
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .box import CannotUnsealError, lock, unlock
from .keyring import KEY_BYTES, Purpose, keyring
from .models import DataKey

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["CannotUnsealError", "Place", "seal", "unseal"]

_VERSION = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value is kept; moved anywhere else, it does not open."""

    workspace_id: UUID
    table: str
    row: UUID | str
    field: str
    version: int


def seal(place: Place, plaintext: bytes) -> bytes:
    """`plaintext` for `place`, under the data key of its workspace, which is made on first use."""
    data_key = _current(place.workspace_id)
    associated = _associated(place, data_key.version)
    return _VERSION.pack(data_key.version) + lock(unwrap(data_key), plaintext, associated)


def unseal(place: Place, sealed: bytes) -> bytes:
    """What was sealed for `place`. Raises CannotUnsealError, UnknownKeyVersionError."""
    if len(sealed) < _VERSION.size:
        raise CannotUnsealError
    (version,) = _VERSION.unpack_from(sealed)
    data_key = DataKey.objects.filter(workspace_id=place.workspace_id, version=version).first()
    if data_key is None:
        raise CannotUnsealError
    return unlock(unwrap(data_key), sealed[_VERSION.size :], _associated(place, version))


def wrap(data_key: DataKey, material: bytes) -> None:
    """Put `material` into `data_key`, unsaved, wrapped by the current master key."""
    master = keyring().current(Purpose.SEALING)
    bound_to = _wrapping(data_key.workspace_id, data_key.version)
    data_key.wrapped = lock(master.material, material, bound_to)
    data_key.master_version = master.version


def unwrap(data_key: DataKey) -> bytes:
    """The material of `data_key`. Raises CannotUnsealError, UnknownKeyVersionError."""
    return _unwrapped(
        data_key.workspace_id,
        data_key.version,
        data_key.master_version,
        bytes(data_key.wrapped),  # PostgreSQL answers with a memoryview
    )


# Keyed by all that the row holds: what a rolled-back transaction left here is never met again.
@functools.lru_cache(maxsize=256)
def _unwrapped(workspace_id: UUID, version: int, master_version: int, wrapped: bytes) -> bytes:
    master = keyring().version(Purpose.SEALING, master_version)
    return unlock(master.material, wrapped, _wrapping(workspace_id, version))


def _current(workspace_id: UUID) -> DataKey:
    newest = DataKey.objects.filter(workspace_id=workspace_id).order_by("-version")
    if found := newest.first():
        return found
    made = DataKey(workspace_id=workspace_id)
    wrap(made, os.urandom(KEY_BYTES))
    # Whoever comes second in a race waits for the first, inserts nothing and reads theirs.
    DataKey.objects.bulk_create([made], ignore_conflicts=True)
    return newest[0]


def _associated(place: Place, data_key_version: int) -> bytes:
    return _parts(
        "sealed value",
        str(place.workspace_id),
        place.table,
        str(place.row),
        place.field,
        str(place.version),
        str(data_key_version),
    )


def _wrapping(workspace_id: UUID, version: int) -> bytes:
    return _parts("data key", str(workspace_id), str(version))


def _parts(*parts: str) -> bytes:
    """The parts, each behind its length: no two lists of parts read the same."""
    encoded = (part.encode() for part in parts)
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)
