"""What is wrong with a key whose secret matched, as its facts tell."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from workspaces.actor import Permission
from workspaces.directory.models import Member
from workspaces.directory.roles import permissions_of

from .models import ApiKey

if TYPE_CHECKING:
    from .facts import Facts


class Reason(StrEnum):
    """Why a key whose secret matched is refused (the contract's `meta.reason`)."""

    REMOVED = "removed"
    EXPIRED = "expired"
    DISABLED = "disabled"
    OWNER_REMOVED = "owner_removed"
    OWNER_DISABLED = "owner_disabled"
    OWNER_ROLE = "owner_role"
    OTHER_WORKSPACE = "other_workspace"


def why_refused(facts: Facts, now: float) -> Reason:
    """Why a key that is good no more (`Facts.good_until`) opens nothing at `now`."""
    if facts.expires_at.timestamp() <= now and facts.lasting_reason is not Reason.REMOVED:
        return Reason.EXPIRED
    return facts.lasting_reason or Reason.EXPIRED


def lasting_reason(facts: Facts) -> Reason | None:  # noqa: PLR0911  (one for each reason)
    """Why the key opens nothing for as long as these are its facts, whatever the time."""
    if facts.status == ApiKey.Status.REMOVED:
        return Reason.REMOVED
    if facts.status == ApiKey.Status.EXPIRED:
        return Reason.EXPIRED
    if facts.status != ApiKey.Status.ACTIVE:
        return Reason.DISABLED
    if facts.member_id is None:
        return Reason.OWNER_REMOVED
    if facts.member_status != Member.Status.LIVE or not facts.user_is_active:
        return Reason.OWNER_DISABLED
    if Permission.OWN_KEYS not in permissions_of(facts.role or ""):
        return Reason.OWNER_ROLE
    return None
