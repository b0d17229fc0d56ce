"""The wizard's drafts: a key on its way from *Generate API key* to *Done*, in the session alone.

    begin ──▶ choose_scopes ──▶ reveal (once) ──▶ store, or save in a vault ──▶ an API key
                   ▲                │
                   └── going back ──┘  makes a new secret and voids the one before

A draft holds the argon2 hash of its secret. The secret itself is in it only between
`choose_scopes` and the one `reveal`, sealed, and bound to this session, draft and issue.
Its id is the id of the key to be, so that however often Done is sent, one key is made.
"""

from __future__ import annotations

import base64
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from workspaces.sealing import box
from workspaces.sealing.keyring import Purpose, UnknownKeyVersionError, keyring

from . import hashing, material
from .policy import Expiration
from .sessions import DRAFTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workspaces.actor import Actor

    from .sessions import SessionStore

MOST_DRAFTS = 8
DRAFT_SECONDS = 3600


class DraftGoneError(LookupError):
    """The draft was stored, dropped or left alone for an hour, or never was in this session."""


class SupersededError(Exception):
    """The draft has a newer secret than the one that was shown."""


class NotShownError(Exception):
    """The draft's secret was never shown: a key made of it would be a key that nobody holds."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What step 1 asks."""

    name: str
    expiration: Expiration
    custom_expiry: datetime | None


@dataclass(slots=True)
class Draft:
    """A key to be. `issue` counts the secrets made for it: 0 before the scopes are chosen."""

    id: UUID
    workspace_id: UUID
    key_id: str
    name: str
    expiration: Expiration
    custom_expiry: datetime | None
    scopes: list[str] = field(default_factory=list)
    issue: int = 0
    secret_hash: str = ""
    sealed: str = ""
    sealing_version: int = 0
    touched_at: float = 0.0

    @property
    def masked(self) -> str:
        return material.masked(self.key_id)

    def to_session(self) -> dict[str, Any]:
        """The draft as JSON for the session."""
        fields = asdict(self)
        fields["id"], fields["workspace_id"] = str(self.id), str(self.workspace_id)
        fields["custom_expiry"] = self.custom_expiry and self.custom_expiry.isoformat()
        return fields

    @classmethod
    def from_session(cls, fields: dict[str, Any]) -> Draft:
        """The draft that `to_session` wrote."""
        custom = fields["custom_expiry"]
        return cls(
            **{
                **fields,
                "id": UUID(fields["id"]),
                "workspace_id": UUID(fields["workspace_id"]),
                "expiration": Expiration(fields["expiration"]),
                "custom_expiry": datetime.fromisoformat(custom) if custom else None,
            }
        )


def begin(session: SessionStore, actor: Actor, answers: Answers) -> Draft:
    """Start a draft with what step 1 asks."""
    draft = Draft(
        id=uuid4(),
        workspace_id=actor.workspace_id,
        key_id=material.new_key_id(),
        name=answers.name,
        expiration=answers.expiration,
        custom_expiry=answers.custom_expiry,
    )
    with session.drafts() as drafts:
        _forget_old(drafts)
        _put(drafts, draft)
    return draft


def change(session: SessionStore, actor: Actor, draft_id: UUID, answers: Answers) -> Draft:
    """Answer step 1 anew for a draft. Raises DraftGoneError."""
    with session.drafts() as drafts:
        draft = _get(drafts, actor, draft_id)
        draft.name = answers.name
        draft.expiration = answers.expiration
        draft.custom_expiry = answers.custom_expiry
        _put(drafts, draft)
    return draft


def find(session: SessionStore, actor: Actor, draft_id: UUID) -> Draft:
    """The draft, to be looked at. Raises DraftGoneError."""
    return _get(session.get(DRAFTS, {}), actor, draft_id)


def choose_scopes(
    session: SessionStore, actor: Actor, draft_id: UUID, scopes: Iterable[str]
) -> Draft:
    """Pass step 2: make the secret, keep its hash, and seal it for the one render that shows it.

    Raises DraftGoneError.
    """
    draft = find(session, actor, draft_id)
    token = material.mint(draft.key_id)
    # Hashed before the session's row is locked: argon2 is slow on purpose.
    secret_hash = hashing.hash_secret(token.secret)
    key = keyring().current(Purpose.SEALING)
    with session.drafts() as drafts:
        draft = _get(drafts, actor, draft_id)
        draft.scopes = sorted(scopes)
        draft.issue += 1
        draft.secret_hash = secret_hash
        draft.sealing_version = key.version
        sealed = box.lock(key.material, token.plaintext.encode(), _place(session, draft))
        draft.sealed = base64.b64encode(sealed).decode()
        _put(drafts, draft)
    return draft


def reveal(session: SessionStore, actor: Actor, draft_id: UUID) -> tuple[Draft, str | None]:
    """Take the plaintext key out of the session: once; afterwards it is None.

    Raises DraftGoneError, also where no secret has been made yet.
    """
    with session.drafts() as drafts:
        draft = _get(drafts, actor, draft_id)
        if not draft.issue:
            raise DraftGoneError
        sealed, draft.sealed = draft.sealed, ""
        _put(drafts, draft)
    if not sealed:
        return draft, None
    try:
        key = keyring().version(Purpose.SEALING, draft.sealing_version)
        plaintext = box.unlock(key.material, base64.b64decode(sealed), _place(session, draft))
    except (box.CannotUnsealError, UnknownKeyVersionError):
        return draft, None
    return draft, plaintext.decode()


def matches(draft: Draft, plaintext: str) -> bool:
    """Whether `plaintext` is the key that was shown for the draft."""
    try:
        token = material.parse(plaintext)
    except material.MalformedKeyError:
        return False
    return token.key_id == draft.key_id and hashing.matches(draft.secret_hash, token.secret)


def take(drafts: dict[str, Any], actor: Actor, draft_id: UUID, issue: int) -> Draft:
    """Remove the draft from `drafts` to make its key, inside `session.drafts()`.

    Raises DraftGoneError, NotShownError, and SupersededError where another tab has made a newer
    secret than `issue`: the person holds a key that would not work.
    """
    draft = _get(drafts, actor, draft_id)
    if not draft.issue:
        raise DraftGoneError
    if draft.issue != issue:
        raise SupersededError
    if draft.sealed:
        raise NotShownError
    del drafts[str(draft.id)]
    return draft


def drop(session: SessionStore, draft_id: UUID) -> None:
    """Forget a draft; nothing of it remains."""
    with session.drafts() as drafts:
        drafts.pop(str(draft_id), None)


def _get(drafts: dict[str, Any], actor: Actor, draft_id: UUID) -> Draft:
    fields = drafts.get(str(draft_id))
    if fields is None:
        raise DraftGoneError
    draft = Draft.from_session(fields)
    if draft.workspace_id != actor.workspace_id or _is_old(fields):
        raise DraftGoneError
    return draft


def _put(drafts: dict[str, Any], draft: Draft) -> None:
    draft.touched_at = time.time()
    drafts[str(draft.id)] = draft.to_session()


def _forget_old(drafts: dict[str, Any]) -> None:
    newest = sorted(drafts, key=lambda id_: drafts[id_]["touched_at"], reverse=True)
    for place, id_ in enumerate(newest):
        if place >= MOST_DRAFTS - 1 or _is_old(drafts[id_]):
            del drafts[id_]


def _is_old(fields: dict[str, Any]) -> bool:
    return bool(fields["touched_at"] < time.time() - DRAFT_SECONDS)


def _place(session: SessionStore, draft: Draft) -> bytes:
    return f"wizard:{session.session_key}:{draft.id}:{draft.issue}".encode()
