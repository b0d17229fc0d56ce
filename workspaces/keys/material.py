"""The text of an API key: made, masked, and told from a forgery without asking the database.

A key reads `cerby_<id>_<secret><tag>`, all of it base62: an id of 12 characters, a secret of 43
(256 random bits) and a tag of 11, the first 64 bits of an HMAC-SHA-256 (RFC 2104) of everything
before it under a server key. So a mistyped, cut-off or invented key is refused in microseconds.
The tag keeps noise away from the database and argon2; it is the secret that opens anything.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workspaces.sealing.keyring import Purpose, keyring

if TYPE_CHECKING:
    from workspaces.sealing.keyring import ServerKey

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH = 12
SECRET_LENGTH = 43
TAG_LENGTH = 11
LENGTH = len("cerby__") + ID_LENGTH + SECRET_LENGTH + TAG_LENGTH
TAG_BYTES = 8
# Two digits at a time: the tags of a flood of forged keys are written out, too.
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]

_FORM = re.compile(
    rf"cerby_([0-9A-Za-z]{{{ID_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{TAG_LENGTH}}})"
)
_KEY_ID = re.compile(rf"[0-9A-Za-z]{{{ID_LENGTH}}}")
# Stands in for a text that is no key at all, so that refusing one takes as long as a wrong tag.
_NO_KEY = ("0" * ID_LENGTH, "0" * SECRET_LENGTH, "0" * TAG_LENGTH)


class MalformedKeyError(ValueError):
    """The text is not a key of this server. It does not say in what, and never repeats the text."""

    def __init__(self) -> None:
        super().__init__("this is not an API key of this server")


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """An API key in clear. Only `plaintext` shows it: `str` and `repr` are masked."""

    key_id: str
    secret: str
    tag: str

    @property
    def plaintext(self) -> str:
        """The whole key, as its owner stores it."""
        return f"{_signed_part(self.key_id, self.secret)}{self.tag}"

    def __str__(self) -> str:
        return masked(self.key_id)

    def __repr__(self) -> str:
        return f"Token({masked(self.key_id)})"


def new_key_id() -> str:
    """A random id, by which the key is found and named; it is no secret."""
    return _encode(secrets.randbelow(len(ALPHABET) ** ID_LENGTH), ID_LENGTH)


def mint(key_id: str | None = None) -> Token:
    """A new key, with the id `key_id` where that was fixed before."""
    key_id = new_key_id() if key_id is None else key_id
    if not _KEY_ID.fullmatch(key_id):
        raise MalformedKeyError
    secret = _encode(secrets.randbelow(len(ALPHABET) ** SECRET_LENGTH), SECRET_LENGTH)
    tag = _tag(keyring().current(Purpose.TAG), _signed_part(key_id, secret))
    return Token(key_id, secret, tag)


def parse(text: str) -> Token:
    """The key that `text` is, its tag checked. Raises MalformedKeyError.

    Every tag key of the keyring is tried, so that a key outlives a rotation; and all of them
    each time, so that the time taken does not tell which one fits.
    """
    form = _FORM.fullmatch(text)
    key_id, secret, tag = form.groups() if form else _NO_KEY
    signed_part = _signed_part(key_id, secret)
    genuine = False
    for server_key in keyring().versions(Purpose.TAG):
        genuine |= hmac.compare_digest(_tag(server_key, signed_part), tag)
    if form is None or not genuine:
        raise MalformedKeyError
    return Token(key_id, secret, tag)


def masked(key_id: str) -> str:
    """The form in which a key may be shown: its id, and dots."""
    return f"cerby_{key_id}_••••••••"


def _signed_part(key_id: str, secret: str) -> str:
    return f"cerby_{key_id}_{secret}"


def _tag(server_key: ServerKey, signed_part: str) -> str:
    mac = server_key.mac(signed_part.encode("ascii"))
    return _encode(int.from_bytes(mac[:TAG_BYTES]), TAG_LENGTH)


def _encode(number: int, length: int) -> str:
    """`number` in base62, of fixed width."""
    pairs = []
    for _ in range((length + 1) // 2):
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    return "".join(reversed(pairs))[-length:]
