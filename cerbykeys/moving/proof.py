"""Whether what was moved still opens, and its record still holds, with the keyring in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from workspaces.activity import verification
from workspaces.activity.models import ChainHead
from workspaces.directory.models import Workspace
from workspaces.sealing.envelope import CannotUnsealError, unwrap
from workspaces.sealing.keyring import UnknownKeyVersionError
from workspaces.sealing.models import DataKey
from workspaces.vaults.actions import secrets
from workspaces.vaults.models import SecretVersion

from . import CannotMoveError

if TYPE_CHECKING:
    from collections.abc import Callable


def open_sealed() -> None:
    """Unwrap every data key, and open the newest body of a secret. Raises CannotMoveError."""
    what = "a body of a secret"
    try:
        for data_key in DataKey.objects.iterator():
            what = str(data_key)
            unwrap(data_key)
        # A deleted secret keeps its versions, emptied.
        kept = SecretVersion.objects.exclude(sealed_body=b"").order_by("-created_at")
        newest = kept.select_related("secret").first()
        if newest is not None:
            what = str(newest)
            secrets.check_opens(newest)
    except (CannotUnsealError, UnknownKeyVersionError):
        msg = f"{what} does not open: name the keyring it was sealed under in CERBYKEYS_KEYRING."
        raise CannotMoveError(msg) from None


def activities() -> int:
    """How many activities the heads of the chains name."""
    return ChainHead.objects.aggregate(total=Sum("sequence"))["total"] or 0


def faults(on_progress: Callable[[int], object]) -> list[str]:
    """What is wrong with the record of activities, by workspace."""
    slugs = dict(Workspace.objects.values_list("id", "slug"))
    found = []
    for workspace_id in verification.chains():
        try:
            verification.verify(workspace_id, on_progress)
        except verification.BrokenChainError as fault:
            found.append(f"{slugs.get(workspace_id, workspace_id)}: {fault}")
    return found
