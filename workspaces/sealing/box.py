"""AES-256-GCM (RFC 5116), once: a version byte, a fresh nonce of 96 bits, the ciphertext."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16


class CannotUnsealError(Exception):
    """It was not sealed with this key for this place, or it has been changed since."""

    def __init__(self) -> None:
        super().__init__("this does not open here: another key, another place, or changed")


def lock(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """`plaintext`, encrypted; it opens only with the same key and the same `associated`."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plaintext, FORMAT + associated)


def unlock(key: bytes, locked: bytes, associated: bytes) -> bytes:
    """What `lock` was given. Raises CannotUnsealError."""
    start = len(FORMAT) + NONCE_BYTES
    if not locked.startswith(FORMAT) or len(locked) < start + TAG_BYTES:
        raise CannotUnsealError
    nonce, ciphertext = locked[len(FORMAT) : start], locked[start:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, FORMAT + associated)
    except InvalidTag:
        raise CannotUnsealError from None
