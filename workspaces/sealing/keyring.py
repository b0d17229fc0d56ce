"""The server's own keys, outside the database: one versioned keyring, a file of mode 0600.

Each purpose has its own keys, so that each is rotated alone. A new version signs and seals
from then on; older versions stay for what was signed or sealed with them.
"""

from __future__ import annotations

import base64
import fcntl
import hmac
import json
import logging
import os
import secrets
import tempfile
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_BYTES = 32
LOOK_SECONDS = 0.25  # for which a process takes the file to be as it last saw it

logger = logging.getLogger(__name__)


class Purpose(StrEnum):
    """What a server key is for."""

    TAG = "tag"  # the tag at the end of an API key
    MEMO = "memo"  # remembering that a secret matched its hash
    SEALING = "sealing"  # wrapping data keys and sealing wizard drafts
    ACTIVITY = "activity"  # the digests of the activity chain


@dataclass(frozen=True, slots=True)
class ServerKey:
    """A server key: its version within its purpose, and 32 random bytes that no repr shows."""

    version: int
    material: bytes
    _keyed: hmac.HMAC = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_keyed", hmac.new(self.material, digestmod="sha256"))

    def __repr__(self) -> str:
        return f"ServerKey(version={self.version})"

    def mac(self, message: bytes) -> bytes:
        """HMAC-SHA-256 (RFC 2104) of the message: 32 bytes.

        From where the key was fed in: `hmac.digest` feeds it in each time, and lets other threads
        run meanwhile, which costs a forged key more than its tag does.
        """
        keyed = self._keyed.copy()
        keyed.update(message)
        return keyed.digest()


class UnknownKeyVersionError(LookupError):
    """The keyring does not hold the version that something was signed or sealed with."""


class Keyring:
    """The keys of every purpose, by version; the highest version is the current one."""

    def __init__(self, keys: dict[Purpose, dict[int, bytes]]) -> None:
        self._versions = {
            purpose: [ServerKey(number, held[number]) for number in sorted(held, reverse=True)]
            for purpose, held in keys.items()
        }

    def current(self, purpose: Purpose) -> ServerKey:
        """The key that signs and seals from now on."""
        return self._versions[purpose][0]

    def version(self, purpose: Purpose, version: int) -> ServerKey:
        """The key of that version. Raises UnknownKeyVersionError."""
        for key in self._versions[purpose]:
            if key.version == version:
                return key
        msg = f"the keyring has no {purpose} key of version {version}"
        raise UnknownKeyVersionError(msg)

    def versions(self, purpose: Purpose) -> Sequence[ServerKey]:
        """All keys of the purpose, the current one first."""
        return self._versions[purpose]


def create(path: Path) -> None:
    """Write a new keyring with one key for each purpose. Raises FileExistsError, OSError."""
    content = {purpose.value: {"1": _new_key()} for purpose in Purpose}
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        json.dump(content, out, indent=2)


def rotate(path: Path, purpose: Purpose) -> int:
    """Add a key of the next version for `purpose` to the file, atomically; return that version."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # two rotations at once must not drop a key
        load(path)
        content = json.loads(path.read_text(encoding="ascii"))
        version = max(int(number) for number in content[purpose]) + 1
        content[purpose][str(version)] = _new_key()
        with tempfile.NamedTemporaryFile(
            "w", encoding="ascii", dir=path.parent, delete=False
        ) as out:  # a NamedTemporaryFile has mode 0600
            json.dump(content, out, indent=2)
            out.flush()
            owner = path.stat()
            os.chown(out.fileno(), owner.st_uid, owner.st_gid)  # root may rotate for the server
            os.fsync(out.fileno())
        Path(out.name).replace(path)
        os.fsync(folder)
    finally:
        os.close(folder)
    return version


def load(path: Path) -> Keyring:
    """Read a keyring. Raises ImproperlyConfigured, naming the file and the cure."""
    try:
        content = json.loads(path.read_text(encoding="ascii"))
        keys = {
            purpose: {
                int(version): base64.b64decode(material, validate=True)
                for version, material in content[purpose].items()
            }
            for purpose in Purpose
        }
    except OSError as error:
        msg = (
            f"the keyring {path} cannot be read ({error.strerror}): "
            "restore it, or name it in CERBYKEYS_KEYRING."
        )
        raise ImproperlyConfigured(msg) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        msg = f"the keyring {path} is damaged: restore it from a backup."
        raise ImproperlyConfigured(msg) from None
    if any(
        not versions or any(len(material) != KEY_BYTES for material in versions.values())
        for versions in keys.values()
    ):
        msg = f"the keyring {path} is damaged: restore it from a backup."
        raise ImproperlyConfigured(msg)
    if path.stat().st_mode & 0o077:
        msg = f"the keyring {path} is open to other users: run chmod 600 on it."
        raise ImproperlyConfigured(msg)
    return Keyring(keys)


@dataclass(frozen=True, slots=True)
class _Held:
    """The keyring in use, what its file looked like when it was read, and when that was seen."""

    path: Path
    state: tuple[int, int, int] | None
    keyring: Keyring
    seen_at: float


_held: _Held | None = None


def keyring() -> Keyring:
    """The keyring of this installation. A running process takes up a changed file by itself.

    It looks four times a second at most: for each key checked, that would cost as much as the tag.

    A change that cannot be read is reported once, and the keys read before stay in use: copying
    a keyring to a host must not stop the server there. Raises ImproperlyConfigured where there
    are none to stay with.
    """
    global _held  # noqa: PLW0603  (one keyring a process)
    held, now = _held, time.monotonic()
    if held is not None and now - held.seen_at < LOOK_SECONDS:
        return held.keyring
    path = settings.KEYRING_PATH
    state = _state(path)
    if held is None or held.path != path:
        held = _Held(path, state, load(path), now)
    else:
        same = held.keyring if held.state == state else _reloaded(held)
        held = _Held(path, state, same, now)
    _held = held
    return held.keyring


def _reloaded(held: _Held) -> Keyring:
    try:
        return load(held.path)
    except ImproperlyConfigured as problem:
        logger.warning("%s The keys read before stay in use.", problem)
        return held.keyring


def _state(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from the one that replaces it; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    # Not the time of its last change alone: `chmod` is what makes one that was open to others good.
    return (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")
