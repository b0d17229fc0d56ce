"""How allauth signs people in here."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from workspaces.sealing.box import lock, unlock
from workspaces.sealing.keyring import Purpose, keyring

if TYPE_CHECKING:
    from django.http import HttpRequest

# allauth says neither whose seed it is nor where it is kept, so every seed is bound to this alone.
_SEED = b"seed of a second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No one signs up by themselves, and a fresh sign-in counts as proof of identity."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (allauth's hook)
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not proved_identity_recently(context.request) and (
            super().is_reauthentication_required(app=app, **kwargs)
        )


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the seeds of second factors, which allauth would keep readable."""

    def encrypt(self, text: str) -> str:
        key = keyring().current(Purpose.SEALING)
        locked = lock(key.material, text.encode(), _SEED)
        return f"{key.version}:{base64.b64encode(locked).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        version, _, locked = encrypted_text.partition(":")
        key = keyring().version(Purpose.SEALING, int(version))
        return unlock(key.material, base64.b64decode(locked), _SEED).decode()


def proved_identity_recently(request: HttpRequest) -> bool:
    """Whether the person signed in, or proved again who they are, within the last minutes."""
    proofs = get_authentication_records(request, request.user)
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(proof["at"] > since for proof in proofs)
