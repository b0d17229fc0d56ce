"""The session store: Django's in the database, in which wizard drafts are safe from races.

Django saves a session whole, so two requests at once would each write back what the other has
taken out: a secret that was shown, or a draft that became a key. Here the drafts are read and
written under a lock on the session's row, and an ordinary save leaves them as the row has them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.sessions.base_session import AbstractBaseSession

DRAFTS = "api_key_drafts"


class SessionStore(DatabaseSessionStore):
    """A database session whose drafts only `drafts()` changes."""

    @contextmanager
    def drafts(self) -> Iterator[dict[str, Any]]:
        """The drafts by id, to be changed in place, in a transaction that holds the session's row.

        Whatever else is written inside is committed with them or not at all.
        """
        with transaction.atomic():
            row = self._locked_row()
            data = self.decode(row.session_data) if row else {}
            drafts: dict[str, Any] = data.get(DRAFTS, {})
            yield drafts
            if row is not None:
                data[DRAFTS] = drafts
                row.session_data = self.encode(data)
                row.save(update_fields=["session_data"])
                self[DRAFTS] = drafts

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  (the base class's signature)
        """Save the session, but for its drafts, which stay as the database has them.

        A new session (signing in makes one) begins without drafts: a sealed secret is bound to
        the session it was made in.
        """
        if must_create:
            super().save(must_create=True)
            return
        with transaction.atomic():
            row = self._locked_row()
            drafts = self.decode(row.session_data).get(DRAFTS) if row else None
            if drafts:
                self[DRAFTS] = drafts
            else:
                self.pop(DRAFTS, None)
            super().save()

    def _locked_row(self) -> AbstractBaseSession | None:
        sessions = self.get_model_class().objects.select_for_update()
        return sessions.filter(session_key=self.session_key).first()
